import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Capabilities, noCapabilities } from '../../../src/remote/smtp/capabilities.ts';
import { type Transacted, type TransactOptions, transact } from '../../../src/remote/smtp/transact.ts';
import { type Conversed, type ConverseOptions, converse } from '../../support/converse.ts';
import { everyText } from '../../support/every-text.ts';

const pipelining: Capabilities = { ...noCapabilities, pipelining: true };

function run(
  turns: readonly string[],
  options: Partial<TransactOptions> = {},
  how: ConverseOptions = {},
): Conversed<Transacted> {
  const conversation = transact({
    sender: 's@x.y',
    recipients: ['a@b.c'],
    sizeBytes: 100,
    eightBit: false,
    capabilities: noCapabilities,
    peer: '192.0.2.1',
    reset: false,
    ...options,
  });
  return converse(conversation, turns, how);
}

/** Letters of the recipients and of the message, whether another host may be tried, and what the connection is good for. */
function summary({ result }: Conversed<Transacted>): string {
  const { recipients, message, undecided, after } = result;
  const letters = recipients.map(({ verdict }) => verdict).join('');
  return `${letters}/${message.verdict}${undecided ? ' undecided' : ''} ${after}`;
}

const ok250 = '250 ok\r\n';
const go = '354 go\r\n';

test('one command after the other', () => {
  const conversed = run([ok250, ok250, go, '250 queued\r\n']);
  strictEqual(summary(conversed), 'K/K ready');
  strictEqual(conversed.said, 'MAIL FROM:<s@x.y>\r\nRCPT TO:<a@b.c>\r\nDATA\r\n(MESSAGE)');
  strictEqual(conversed.result.message.text, '192.0.2.1 accepted message.\nRemote host said: 250 queued\n');
});

test('all commands at once where the server can take them', () => {
  const recipients = ['a@b.c', 'd@b.c'];
  const conversed = run([`${ok250}${ok250}550 no\r\n${go}`, ok250], { capabilities: pipelining, recipients });
  strictEqual(summary(conversed), 'KD/K ready');
  strictEqual(conversed.said, 'MAIL FROM:<s@x.y>\r\nRCPT TO:<a@b.c>\r\nRCPT TO:<d@b.c>\r\nDATA\r\n(MESSAGE)');
});

test('refusals at each command, in turn and together', () => {
  const cases: readonly (readonly [turns: readonly string[], summary: string, text: RegExp])[] = [
    [['450 later\r\n'], '/Z reset', /sender was rejected/],
    [['550 no\r\n'], '/D reset', /sender was rejected/],
    [[ok250, '450 grey\r\n'], 'Z/D reset', /Giving up on 192\.0\.2\.1/],
    [[ok250, '550 no\r\n'], 'D/D reset', /Giving up/],
    [[ok250, ok250, '451 no\r\n'], 'K/Z reset', /failed on DATA command/],
    [[ok250, ok250, '554 no\r\n'], 'K/D reset', /failed on DATA command/],
    [[ok250, ok250, go, '451 later\r\n'], 'K/Z ready', /failed after I sent the message/],
    [[ok250, ok250, go, '554 no\r\n'], 'K/D ready', /failed after I sent the message/],
  ];
  for (const [turns, wanted, text] of cases) {
    const inTurn = run(turns);
    strictEqual(summary(inTurn), wanted);
    match(inTurn.result.message.text, text);
    if (turns.length === 4) continue;
    // A server that refuses one refuses what hangs on it.
    const envelope = [...turns, '503 bad\r\n', '503 bad\r\n'].slice(0, 3).join('');
    strictEqual(summary(run([envelope], { capabilities: pipelining })), wanted);
  }
});

test('552 to a recipient is for now behind one that was accepted, and final before any (RFC 5321 4.5.3.1.10)', () => {
  const full = '552 too many recipients\r\n';
  const recipients = ['a@b.c', 'd@b.c', 'e@b.c', 'f@b.c'];
  const cases: readonly (readonly [replies: readonly string[], summary: string])[] = [
    [[ok250, full, full, '550 no\r\n'], 'KZZD/K ready'],
    [[full, ok250, full, '553 no\r\n'], 'DKZD/K ready'],
    [['450 grey\r\n', full, ok250, ok250], 'ZDKK/K ready'],
  ];
  for (const [replies, wanted] of cases) {
    strictEqual(summary(run([ok250, ...replies, go, ok250], { recipients })), wanted);
    const together = [[ok250, ...replies, go].join(''), ok250];
    strictEqual(summary(run(together, { recipients, capabilities: pipelining })), wanted);
  }
  strictEqual(summary(run([ok250, full])), 'D/D reset');
  // Of the message it stays what it says.
  strictEqual(summary(run([ok250, ok250, go, full])), 'K/D ready');
});

test('an answer to DATA that asks for no message gets none', () => {
  strictEqual(summary(run([ok250, ok250, ok250])), 'K/Z reset');
});

test('a server that waits for a message for nobody gets an empty one', () => {
  const turns = [`${ok250}550 no\r\n${go}`, '554 no valid recipients\r\n'];
  const conversed = run(turns, { capabilities: pipelining });
  strictEqual(summary(conversed), 'D/D reset');
  ok(conversed.said.endsWith('DATA\r\n.\r\n'));
});

test('a server that goes away has decided nothing until the message is sent, and then it is in doubt', () => {
  strictEqual(summary(run([])), '/Z undecided over');
  strictEqual(summary(run([ok250])), '/Z undecided over');
  strictEqual(summary(run([ok250, ok250])), '/Z undecided over');
  const doubt = run([ok250, ok250, go]);
  strictEqual(summary(doubt), 'K/Z over');
  match(
    doubt.result.message.text,
    /^Possible duplicate! Connected to 192\.0\.2\.1 but connection died\. \(#4\.4\.2\)\n$/,
  );
});

test('421 is a server that goes away', () => {
  for (const turns of [['421 bye\r\n'], [ok250, '421 bye\r\n'], [ok250, ok250, '421 bye\r\n']]) {
    const conversed = run(turns);
    strictEqual(summary(conversed), '/Z undecided over');
    match(conversed.result.message.text, /Remote host said: 421 bye/);
  }
  strictEqual(summary(run([ok250, ok250, go, '421 bye\r\n'])), 'K/Z over');
});

test('answers that nobody asked for decide nothing', () => {
  const conversed = run([`${ok250}${ok250}`, '550 no\r\n', go, ok250]);
  strictEqual(summary(conversed), '/Z undecided over');
  match(conversed.result.message.text, /answered what it was not asked/);
});

test('after what was broken off RSET comes first', () => {
  const conversed = run([ok250, ok250, ok250, go, ok250], { reset: true });
  strictEqual(summary(conversed), 'K/K ready');
  ok(conversed.said.startsWith('RSET\r\nMAIL'));
  const together = run([`${ok250}${ok250}${ok250}${go}`, ok250], { reset: true, capabilities: pipelining });
  ok(together.said.startsWith('RSET\r\nMAIL'));
});

test('SIZE, 8BITMIME and SMTPUTF8 are used where they are offered and of use', () => {
  const all = { ...noCapabilities, sizeBytesMax: 0, eightBitMime: true, smtpUtf8: true };
  const said = (options: Partial<TransactOptions>) => run([], options).said;
  strictEqual(said({ capabilities: all }), 'MAIL FROM:<s@x.y> SIZE=100\r\n');
  strictEqual(said({ capabilities: all, eightBit: true }), 'MAIL FROM:<s@x.y> SIZE=100 BODY=8BITMIME\r\n');
  strictEqual(said({ eightBit: true }), 'MAIL FROM:<s@x.y>\r\n');
  const utf8 = said({ capabilities: all, recipients: ['caf\xc3\xa9@b'] });
  strictEqual(utf8, 'MAIL FROM:<s@x.y> SIZE=100 SMTPUTF8\r\n');
});

test('what a server cannot take is refused before anything is said', () => {
  const capabilities = { ...noCapabilities, sizeBytesMax: 99 };
  const large = run([], { capabilities });
  strictEqual(summary(large), '/D ready');
  match(large.result.message.text, /takes messages of up to 99 bytes, and this one has 100\. \(#5\.3\.4\)/);
  strictEqual(large.said, '');
  const sender = run([], { sender: 's@x\r\nRSET' });
  deepStrictEqual([summary(sender), sender.said], ['/D ready', '']);
  match(run([], { sender: '\xc3\xa9@x' }).result.message.text, /no addresses beyond ASCII\. \(#5\.6\.7\)/);
});

test('a recipient that cannot be said is refused alone', () => {
  const recipients = ['a@b> NOTIFY=NEVER', 'a@b.c', '\xc3\xa9@b.c'];
  for (const capabilities of [noCapabilities, pipelining]) {
    const turns = capabilities.pipelining ? [`${ok250}${ok250}${go}`, ok250] : [ok250, ok250, go, ok250];
    const conversed = run(turns, { recipients, capabilities });
    strictEqual(summary(conversed), 'DKD/K ready');
    strictEqual(conversed.said.split('RCPT').length, 2);
  }
  const nobody = run([], { recipients: ['a\n@b'] });
  deepStrictEqual([summary(nobody), nobody.said], ['D/D reset', '']);
});

test('however its bytes are cut, a conversation is the same', () => {
  const recipients = ['a@b.c', 'd@e.f', 'g@h.i'];
  const turns = [
    `250-a\r\n${ok250}450-x\r\n450 y\r\n${ok250}550 no\r\n${go}`,
    '250-done\r\n250 queued as 1\r\n',
  ];
  const once = run(turns, { capabilities: pipelining, recipients });
  strictEqual(summary(once), 'ZKD/K ready');
  for (let at = 1; at < 60; at += 1) {
    const cut = (turn: string) => [turn.slice(0, at), turn.slice(at)];
    deepStrictEqual(run(turns, { capabilities: pipelining, recipients }, { cut }), once);
  }
  deepStrictEqual(run(turns, { capabilities: pipelining, recipients }, { cut: (turn) => [...turn] }), once);
});

test('whatever a server says, K comes of a whole 2xx after the message, and D of a whole 5xx', () => {
  for (const text of everyText('235 -\n')) {
    const conversed = run([ok250, ok250, go, text]);
    const { verdict } = conversed.result.message;
    const lines = text.split('\n');
    const last = lines.findIndex((line) => /^[2-5]\d\d(?!-)/.test(line));
    const isReply =
      last >= 0 && last < lines.length - 1 && lines.slice(0, last).every((line) => /^[2-5]\d\d-/.test(line));
    const wanted = isReply ? { 2: 'K', 3: 'Z', 5: 'D' }[lines[last]?.[0] ?? ''] : 'Z';
    strictEqual(verdict, wanted, JSON.stringify(text));
  }
});

test('any server leaves an answer for each recipient or for all, and K only if it took the message', () => {
  const reply = fc.constantFrom(
    '250 ok\r\n',
    '354 go\r\n',
    '450 x\r\n',
    '550 x\r\n',
    '421 x\r\n',
    'junk\r\n',
    '',
    '250-a\r\n',
  );
  fc.assert(
    fc.property(
      fc.array(fc.array(reply, { maxLength: 6 }), { maxLength: 6 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 3 }),
      (script, together, count) => {
        const recipients = ['a@b', 'c@d', 'e@f'].slice(0, count);
        const capabilities = together ? pipelining : noCapabilities;
        const { result, said } = run(
          script.map((turn) => turn.join('')),
          { capabilities, recipients },
        );
        ok(result.recipients.length === 0 || result.recipients.length === count);
        if (result.message.verdict === 'K') ok(said.endsWith('(MESSAGE)') && result.after !== 'reset');
        if (result.undecided) ok(!said.endsWith('(MESSAGE)'));
      },
    ),
    { numRuns: 3000 },
  );
});
