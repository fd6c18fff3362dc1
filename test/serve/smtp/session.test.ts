import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SmtpReply } from '../../../src/serve/smtp/reply.ts';
import type { RecipientJudgement } from '../../../src/serve/smtp/session-contract.ts';
import { texts } from '../../../src/serve/smtp/texts.ts';
import { everyText } from '../../support/every-text.ts';
import { codesOf, type PlayedOptions, playedSession } from '../../support/smtp-session.ts';

const mail = 'MAIL FROM:<s@x.y>\r\nRCPT TO:<r@hub.test>\r\nDATA\r\nSubject: t\r\n\r\n..dot\r\n.\r\n';
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64');

/** What a whole session says, in pieces of these sizes, and what it takes. */
async function outcome(text: string, sizes: readonly number[], options: PlayedOptions = {}) {
  const played = playedSession(options);
  played.session.greet();
  await played.play(text, sizes);
  played.session.end();
  const taken = played.messages.map(({ facts: _, ...message }) => message);
  return { output: played.output(), messages: taken, ending: played.ending() };
}

async function codes(text: string, options?: PlayedOptions): Promise<readonly number[]> {
  return codesOf((await outcome(text, [], options)).output);
}

test('a message from EHLO to QUIT', async () => {
  const played = playedSession();
  played.session.greet();
  await played.play(`EHLO c\r\n${mail}QUIT\r\n`);
  deepStrictEqual(codesOf(played.output()), [220, 250, 250, 250, 354, 250, 221]);
  deepStrictEqual(played.messages, [
    {
      facts: { helo: 'c', extended: true, secure: false, user: undefined, utf8: false, sender: 's@x.y' },
      sender: 's@x.y',
      recipients: ['r@hub.test'],
      text: 'Subject: t\n\n.dot\n',
    },
  ]);
  strictEqual(played.ending(), 'quit');
});

test('EHLO says what is to be had', async () => {
  const { output } = await outcome('EHLO c\r\n', []);
  const lines = ['SIZE 2000000000', 'PIPELINING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES', 'STARTTLS'];
  deepStrictEqual(output.split('\r\n').slice(1, -1), [
    '250-hub.test',
    ...lines.map((line, at) => `250${at === lines.length - 1 ? ' ' : '-'}${line}`),
  ]);
  const plain = playedSession({ canSecure: () => false, authenticate: async () => 'accepted' });
  await plain.play('EHLO c\r\nSTARTTLS\r\nAUTH PLAIN\r\n');
  ok(!plain.output().includes('AUTH') && !plain.output().includes('STARTTLS'));
  deepStrictEqual(codesOf(plain.output()), [250, 502, 538]);
});

test('commands in the wrong order, unknown, or with arguments that are not understood', async () => {
  deepStrictEqual(
    await codes('RCPT TO:<r@x>\r\nDATA\r\nMAIL FROM:<s@x>\r\nDATA\r\n'),
    [220, 503, 503, 250, 503],
  );
  deepStrictEqual(
    await codes('\r\nFOO\r\nEXPN x\r\nVRFY x\r\nHELP\r\nNOOP x\r\nRSET\r\n'),
    [220, 502, 502, 502, 252, 214, 250, 250],
  );
  deepStrictEqual(await codes(`EHLO ${'x'.repeat(256)}\r\nEHLO a\tb\r\nHELO\r\n`), [220, 501, 501, 250]);
  deepStrictEqual(
    await codes(
      'MAIL FROM:<s> FOO=1\r\nMAIL FROM:<s> SIZE=x\r\nMAIL FROM:<s>\r\nRCPT TO:<r> NOTIFY=NEVER\r\n',
    ),
    [220, 555, 501, 250, 555],
  );
  deepStrictEqual(await codes(`MAIL FROM:<${'a'.repeat(900)}>\r\nMAIL FROM:<a\x01>\r\n`), [220, 555, 555]);
  deepStrictEqual(await codes('MAIL FROM:<s>\r\nRSET\r\nRCPT TO:<r>\r\n'), [220, 250, 250, 503]);
});

test('replies wait while there is more to read, and never while there is something to wait for', async () => {
  const { promise, resolve } = Promise.withResolvers<RecipientJudgement>();
  const played = playedSession({
    recipient: (address) => (address === 'slow' ? promise : { ok: true, address }),
  });
  const done = played.play('MAIL FROM:<s>\r\nRCPT TO:<a>\r\nRCPT TO:<slow>\r\nRCPT TO:<b>\r\nDATA\r\n');
  deepStrictEqual(played.sent.map(codesOf), [[250, 250]]);
  resolve({ ok: false, reply: texts.notHere });
  await done;
  deepStrictEqual(played.sent.map(codesOf), [
    [250, 250],
    [553, 250, 354],
  ]);
});

test('what a queue, a policy or a check throws is for now', async () => {
  const fail = () => {
    throw new Error('no disk');
  };
  const late = async () => fail();
  deepStrictEqual(await codes(mail, { begin: fail }).then((all) => all.slice(0, 4)), [220, 250, 250, 451]);
  deepStrictEqual(await codes('MAIL FROM:<s>\r\nRCPT TO:<r>\r\n', { recipient: late }), [220, 250, 451]);
  const failing = playedSession({ recipient: fail });
  await failing.play('MAIL FROM:<s>\r\nRCPT TO:<r>\r\nQUIT\r\n');
  deepStrictEqual(codesOf(failing.output()), [250, 451, 221]);
  match(failing.refusals[0]?.text ?? '', /no disk$/);
  deepStrictEqual(await codes(mail, { answer: late }), [220, 250, 250, 354, 451]);
  deepStrictEqual(await codes(mail, { write: late }), [220, 250, 250, 354, 451]);
  deepStrictEqual(await codes(mail, { write: fail }), [220, 250, 250, 354, 451]);
});

test('the answers of the queue', async () => {
  const answered = async (verdict: 'Z' | 'D') =>
    (await outcome(mail, [], { answer: () => ({ verdict, text: 'no (#5.1.3)' }) })).output
      .split('\r\n')
      .at(-2);
  strictEqual(await answered('D'), '554 5.1.3 no');
  strictEqual(await answered('Z'), '451 4.3.0 no');
});

test('limits of commands, recipients, messages, hops and errors', async () => {
  const limits = { commandBytesMax: 40, recipientsMax: 1, messageBytesMax: 12, errorsMax: 2, hopsMax: 1 };
  deepStrictEqual(await codes(`NOOP ${'x'.repeat(36)}\r\nNOOP\r\n`, { limits }), [220, 500, 250]);
  deepStrictEqual(
    await codes('MAIL FROM:<s>\r\nRCPT TO:<a>\r\nRCPT TO:<b>\r\n', { limits }),
    [220, 250, 250, 452],
  );
  deepStrictEqual(
    await codes('MAIL FROM:<s> SIZE=13\r\nMAIL FROM:<s> SIZE=12\r\n', { limits }),
    [220, 552, 250],
  );
  deepStrictEqual(await codes(`${mail}NOOP\r\n`, { limits }), [220, 250, 250, 354, 552, 250]);
  deepStrictEqual(
    await codes(mail.replace('Subject: t', 'Received:'), { limits: { hopsMax: 1 } }),
    [220, 250, 250, 354, 554],
  );
  const ended = playedSession({ limits });
  await ended.play('A\r\nB\r\nC\r\nNOOP\r\n');
  deepStrictEqual(codesOf(ended.output()), [502, 502, 502, 421]);
  strictEqual(ended.ending(), 'refused');
  const forgiven = playedSession({ limits: { errorsMax: 2 } });
  await forgiven.play(`A\r\nB\r\n${mail}A\r\nB\r\n`);
  strictEqual(forgiven.ending(), undefined);
});

test('any number of recipients gets a message, so many with each', async () => {
  const limits = { recipientsMax: 10, errorsMax: 2, postponedMax: 25 };
  const played = playedSession({ limits });
  const named = (from: number) =>
    Array.from({ length: 35 - from }, (_, index) => `RCPT TO:<r${from + index}>\r\n`).join('');
  for (const from of [0, 10, 20, 30]) {
    await played.play(`MAIL FROM:<s>\r\n${named(from)}DATA\r\n.\r\n`);
    strictEqual(played.ending(), undefined);
  }
  strictEqual(new Set(played.messages.flatMap(({ recipients }) => recipients)).size, 35);
  // The log has one line for each message.
  strictEqual(played.refusals.length, 3);
  const endless = playedSession({ limits: { ...limits, postponedMax: 24 } });
  await endless.play(`MAIL FROM:<s>\r\n${named(0)}`);
  strictEqual(codesOf(endless.output()).at(-1), 421);
  strictEqual(endless.ending(), 'refused');
});

test('a message that is much too large is not read to its end', async () => {
  const played = playedSession({ limits: { messageBytesMax: 10, excessBytesMax: 1000 } });
  await played.play(`${mail.slice(0, mail.indexOf('..dot'))}${'x'.repeat(2000)}`, [100]);
  deepStrictEqual(codesOf(played.output()), [250, 250, 354, 552]);
  strictEqual(played.ending(), 'refused');
  strictEqual(played.abandoned, 1);
});

test('the end of the input ends the session, and forgets a message that is not whole', async () => {
  for (let end = 0; end < mail.length; end += 1) {
    const played = playedSession();
    await played.play(mail.slice(0, end));
    played.session.end();
    strictEqual(played.messages.length, 0);
    strictEqual(played.begun, played.abandoned);
    strictEqual(played.ending(), 'closed');
  }
});

test('a message that is whole is the queue’s, whatever becomes of the client', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const played = playedSession({ answer: () => promise.then(() => ({ verdict: 'K', text: 'ok' })) });
  const done = played.play(mail);
  played.session.lose();
  strictEqual(played.ending(), 'closed');
  resolve(undefined);
  await done;
  strictEqual(played.messages.length, 1);
  strictEqual(played.abandoned, 0);
  deepStrictEqual(codesOf(played.output()), [250, 250, 354]);
});

test('who says that it has nothing more to send gets the answers that it waits for, and those behind them', async () => {
  for (const [behind, codesBehind, ending] of [
    ['', [], 'closed'],
    ['NOOP\r\n', [250], 'closed'],
    ['QUIT\r\n', [221], 'quit'],
    [mail, [250, 250, 354, 250], 'closed'],
    [mail.slice(0, -5), [250, 250, 354], 'closed'],
  ] as const) {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const played = playedSession({ answer: () => promise.then(() => ({ verdict: 'K', text: 'ok' })) });
    const done = played.play(mail + behind);
    played.session.end();
    strictEqual(played.ending(), undefined);
    resolve(undefined);
    await done;
    deepStrictEqual(codesOf(played.output()), [250, 250, 354, 250, ...codesBehind]);
    strictEqual(played.ending(), ending);
    strictEqual(played.begun, played.messages.length + played.abandoned);
  }
});

test('STARTTLS forgets who the client was, and what it said in the same breath (CVE-2011-0411)', async () => {
  const played = playedSession();
  await played.play('EHLO c\r\nMAIL FROM:<s@x>\r\nSTARTTLS\r\nRSET\r\nMAIL FROM:<evil@x>\r\n');
  deepStrictEqual(codesOf(played.output()), [250, 250, 220]);
  strictEqual(played.handshakes(), 1);
  played.session.secured();
  await played.play('RCPT TO:<r@hub.test>\r\nSTARTTLS\r\n');
  deepStrictEqual(codesOf(played.output()).slice(3), [503, 502]);
  await played.play(`EHLO d\r\n${mail}`);
  ok(!played.output().slice(played.output().indexOf('503')).includes('STARTTLS'));
  deepStrictEqual(played.messages[0]?.facts, {
    helo: 'd',
    extended: true,
    secure: true,
    user: undefined,
    utf8: false,
    sender: 's@x.y',
  });
});

test('AUTH under TLS only, once, and not within a transaction', async () => {
  const seen: string[] = [];
  const options: PlayedOptions = {
    secure: true,
    authenticate: async ({ user, password }) => {
      seen.push(`${user}:${password}`);
      return password === 'good' ? 'accepted' : password === 'down' ? 'temporary' : 'refused';
    },
  };
  const played = playedSession(options);
  await played.play(
    [
      'EHLO c',
      'AUTH CRAM-MD5',
      `AUTH PLAIN ${base64('\0u\0bad')}`,
      `AUTH PLAIN ${base64('\0u\0down')}`,
      'AUTH LOGIN',
      base64('u'),
      '*',
      'AUTH PLAIN',
      'x',
      'AUTH LOGIN',
      base64('u'),
      base64('good'),
      'AUTH PLAIN',
      '',
    ].join('\r\n'),
  );
  deepStrictEqual(
    codesOf(played.output()),
    [250, 504, 535, 454, 334, 334, 501, 334, 501, 334, 334, 235, 503],
  );
  ok(played.output().includes('AUTH PLAIN LOGIN'));
  deepStrictEqual(seen, ['u:bad', 'u:down', 'u:good']);
  await played.play(mail);
  strictEqual(played.messages[0]?.facts.user, 'u');
  deepStrictEqual(await codes(`MAIL FROM:<s>\r\nAUTH PLAIN\r\n`, options), [220, 250, 503]);
  deepStrictEqual(await codes('AUTH PLAIN\r\n', { secure: true }), [220, 502]);
});

test('too many wrong passwords end the session', async () => {
  const played = playedSession({ secure: true, authenticate: async () => 'refused' });
  await played.play(`AUTH PLAIN ${base64('\0u\0p')}\r\n`.repeat(4));
  deepStrictEqual(codesOf(played.output()), [535, 535, 535, 421]);
  strictEqual(played.ending(), 'refused');
});

test('a session that is refused says nothing more', async () => {
  const played = playedSession();
  await played.play('MAIL FROM:<s>\r\nRCPT TO:<r>\r\nDATA\r\nx');
  played.session.refuse(texts.timeout);
  played.session.refuse(texts.shutdown);
  played.session.end();
  await played.play('QUIT\r\n');
  deepStrictEqual(codesOf(played.output()), [250, 250, 354, 421]);
  strictEqual(played.abandoned, 1);
  deepStrictEqual(played.refusals, [texts.timeout satisfies SmtpReply]);
  match(played.output(), /421 4\.4\.2/);
});

const dialogueUnit = fc.constantFrom(
  'EHLO c\r\n',
  'HELO c\r\n',
  'MAIL FROM:<s@x.y>\r\n',
  'RCPT TO:<r@hub.test>\r\n',
  'DATA\r\n',
  'RSET\r\n',
  'x\r\n',
  '.\r\n',
  '..\r\n',
  'AUTH LOGIN\r\n',
  'dQ==\r\n',
  '\r',
  '\n',
  'a',
  '\0',
  'QUIT\r\n',
);

test('any dialogue has the same outcome, however its bytes are split', async () => {
  const options = { secure: true, authenticate: async () => 'accepted' as const };
  await fc.assert(
    fc.asyncProperty(
      fc.array(dialogueUnit, { maxLength: 14 }).map((parts) => parts.join('')),
      fc.array(fc.nat(9), { minLength: 1 }),
      async (text, sizes) => {
        deepStrictEqual(await outcome(text, sizes, options), await outcome(text, [], options));
      },
    ),
    { numRuns: 300 },
  );
});

test('one session, cut in two at every byte and split into single bytes', async () => {
  const text = `EHLO c\r\nMAIL FROM:<a> SIZE=9\r\n${mail}FOO\r\n${mail}QUIT\r\nNOOP\r\n`;
  const whole = await outcome(text, []);
  strictEqual(whole.messages.length, 2);
  for (let cut = 1; cut < text.length; cut += 1)
    deepStrictEqual(await outcome(text, [cut, text.length]), whole, `at ${cut}`);
  deepStrictEqual(await outcome(text, [1]), whole);
});

test('every text of a few letters in place of a command', async () => {
  for (const text of everyText('Q: \r\n\0')) {
    const played = playedSession();
    await played.play(text);
    for (const code of codesOf(played.output())) ok(code === 500 || code === 502, JSON.stringify(text));
  }
});
