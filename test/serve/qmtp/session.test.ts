import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { networkSubmission, qmtpServerLimits } from '../../../src/serve/index.ts';
import { createQmtpSession, type QmtpSessionOptions } from '../../../src/serve/qmtp/session.ts';
import { type Answer, bytesOf, textOf } from '../../../src/system/index.ts';
import { type MemoryIntakeBehaviour, memoryIntake } from '../../support/memory-intake.ts';
import { inPieces } from '../../support/pieces.ts';
import { netstringsIn, qmtpRequest } from '../../support/qmtp-peer.ts';

const peer = { remoteHost: 'c', remoteIp: '192.0.2.1', localHost: 'h' };

function session(own: Partial<QmtpSessionOptions> = {}, behaviour: MemoryIntakeBehaviour = {}) {
  const intake = memoryIntake(behaviour);
  let said = '';
  const over = Promise.withResolvers<string>();
  const made = createQmtpSession({
    limits: qmtpServerLimits,
    recipient: (address) => ({ ok: true, address }),
    begin: () => networkSubmission(intake, peer, 'QMTP', () => 5000),
    send(bytes) {
      said += textOf(bytes);
      return undefined;
    },
    onEnd: over.resolve,
    ...own,
  });
  return {
    intake,
    session: made,
    async feed(text: string, sizes: readonly number[] = []) {
      for (const piece of inPieces(bytesOf(text), sizes)) await made.feed(piece);
    },
    /** Ends it, and answers what was said when it is over. */
    async end() {
      made.end();
      return { ending: await over.promise, replies: netstringsIn(said) };
    },
    /** The same for one that ends by itself. */
    over: async () => ({ ending: await over.promise, replies: netstringsIn(said) }),
    said: () => said,
  };
}

test('each recipient is answered, of each request, wherever they are cut', async () => {
  const input = qmtpRequest('\na\n', 's', 'r1', 'r2') + qmtpRequest('\rb\r\n', 't', 'r3');
  for (let size = 1; size <= input.length; size += 1) {
    const { intake, feed, end } = session();
    await feed(input, [size]);
    const replies = ['Kok 5 qp 1', 'Kok 5 qp 1', 'Kok 5 qp 2'];
    deepStrictEqual(await end(), { ending: 'closed', replies });
    deepStrictEqual(
      intake.messages.map(({ text, envelope }) => [text.split('\n').slice(2).join('\n'), envelope]),
      [
        ['a\n', { sender: 's', recipients: ['r1', 'r2'] }],
        ['b\n', { sender: 't', recipients: ['r3'] }],
      ],
    );
  }
});

test('few are looked for at the same time, whatever a client names', async () => {
  let now = 0;
  let most = 0;
  const { feed, end } = session({
    async isKnown() {
      now += 1;
      most = Math.max(most, now);
      await turn();
      now -= 1;
      return true;
    },
  });
  const many = Array.from({ length: 30 }, (_, index) => `k${index}`);
  await feed(qmtpRequest('\n', 's', ...many).repeat(5));
  strictEqual((await end()).replies.length, 150);
  strictEqual(most, qmtpServerLimits.askedTogetherMax);
});

test('who names too many that are not here is told no more, and those that are get the message', async () => {
  const limits = { ...qmtpServerLimits, unknownMax: 15, askedTogetherMax: 5, pendingMax: 1 };
  let asked = 0;
  const { intake, feed, over } = session({
    limits,
    async isKnown(address) {
      asked += 1;
      return address.startsWith('k');
    },
  });
  const unknown = (count: number) => Array.from({ length: count }, (_, index) => `u${index}`);
  // A message that is taken has them counted anew.
  await feed(qmtpRequest('\n', 's', 'k', ...unknown(14)));
  await feed(qmtpRequest('\n', 's', 'k', ...unknown(40), 'k') + qmtpRequest('\n', 's', 'k', 'u'));
  const { ending, replies } = await over();
  strictEqual(ending, 'refused');
  const verdicts = replies.map((reply) => reply.charAt(0)).join('');
  strictEqual(verdicts, `K${'D'.repeat(14)}K${'D'.repeat(19)}${'Z'.repeat(22)}`);
  match(replies.at(-1) ?? '', /^Ztoo many recipients that nobody here has/);
  strictEqual(asked, 35);
  deepStrictEqual(
    intake.messages.map(({ envelope }) => envelope.recipients),
    [['k'], ['k']],
  );
});

test('who is not here is answered so, in its place, and the others get the message', async () => {
  const here = (address: string) => address.startsWith('k');
  const asked: string[] = [];
  const { intake, feed, end } = session({
    limits: { ...qmtpServerLimits, unknownMax: 1000 },
    recipient: (address) =>
      address === 'out' ? { ok: false, answer: { verdict: 'D', text: 'out' } } : { ok: true, address },
    async isKnown(address) {
      asked.push(address);
      return here(address);
    },
  });
  const many = Array.from({ length: 250 }, (_, index) => (index % 3 === 0 ? `k${index}` : `u${index}`));
  await feed(qmtpRequest('\n', 's', 'out', 'k', 'u', 'k'));
  await feed(qmtpRequest('\n', 's', 'u'));
  await feed(qmtpRequest('\n', 's', ...many));
  const { replies } = await end();
  deepStrictEqual(
    replies.slice(0, 5).map((reply) => reply.charAt(0)),
    [...'DKDKD'],
  );
  match(replies[2] ?? '', /no mailbox here by that name \(#5\.1\.1\)/);
  deepStrictEqual(
    replies.slice(5).map((reply) => reply.startsWith('K')),
    many.map(here),
  );
  deepStrictEqual(
    intake.messages.map(({ envelope }) => envelope.recipients),
    [['k', 'k'], many.filter(here)],
  );
  strictEqual(asked.includes('out'), false);
});

test('unwanted senders, and messages that go round, are refused; the others are not', async () => {
  const { intake, feed, end } = session({ isBadSender: (address) => address === 'bad@x' });
  const round = (hops: number) => `\n${'Received: x\n'.repeat(hops)}\nx\n`;
  await feed(qmtpRequest('\n', 'bad@x', 'r', 'r'));
  await feed(qmtpRequest(round(99), 's', 'r'));
  await feed(qmtpRequest(round(100), 's', 'r'));
  const { replies } = await end();
  deepStrictEqual(
    replies.map((reply) => /^K|\(#.*\)/.exec(reply)?.[0]),
    ['(#5.7.1)', '(#5.7.1)', 'K', '(#5.4.6)'],
  );
  strictEqual(intake.messages.length, 1);
});

test('answers keep the order of the requests, and the next one is read meanwhile', async () => {
  const first = Promise.withResolvers<Answer>();
  const answer: MemoryIntakeBehaviour['answer'] = ({ envelope }) =>
    envelope.sender === '1' ? first.promise : { verdict: 'K', text: 'two' };
  const { intake, feed, end, said, session: made } = session({}, { answer });
  await feed(qmtpRequest('\n', '1', 'r') + qmtpRequest('\n', '2', 'r'));
  while (intake.messages.length < 1) await new Promise(setImmediate);
  strictEqual(said(), '');
  ok(made.busy && made.waiting);
  first.resolve({ verdict: 'Z', text: 'one' });
  deepStrictEqual((await end()).replies, ['Zone', 'Ktwo']);
  ok(!made.waiting);
});

test('not more than a few requests wait for the queue', async () => {
  const answers = Promise.withResolvers<Answer>();
  const limits = { ...qmtpServerLimits, pendingMax: 2 };
  const { intake, session: made, end } = session({ limits }, { answer: () => answers.promise });
  const wait = made.feed(bytesOf(qmtpRequest('\n', 's', 'r').repeat(5)));
  await new Promise(setImmediate);
  strictEqual(intake.begun, 2);
  answers.resolve({ verdict: 'K', text: 'ok' });
  await wait;
  deepStrictEqual((await end()).replies, Array<string>(5).fill('Kok'));
});

test('a recipient that is refused is so for itself, and a message for none is forgotten', async () => {
  const { intake, feed, end } = session({
    recipient(address) {
      if (address === 'broken') throw new Error('no database');
      return address.startsWith('no')
        ? { ok: false, answer: { verdict: 'D', text: 'not here' } }
        : { ok: true, address: `${address}@x` };
    },
  });
  await feed(qmtpRequest('\n', 's', 'no1', 'r', 'a\0', 'broken', 'x'.repeat(1000)));
  await feed(qmtpRequest('\n', 's', 'no2'));
  const { replies } = await end();
  deepStrictEqual(
    replies.map((reply) => reply.slice(0, 9)),
    ['Dnot here', 'Kok 5 qp ', 'Dsorry, I', 'Zunable t', 'Dsorry, I', 'Dnot here'],
  );
  deepStrictEqual(
    intake.messages.map(({ envelope }) => envelope.recipients),
    [['r@x']],
  );
  strictEqual(intake.aborted, 1);
});

test('a bad sender and too large a message are answered to each recipient', async () => {
  const limits = { ...qmtpServerLimits, messageBytesMax: 5, excessBytesMax: 10 };
  const { intake, feed, end } = session({ limits });
  await feed(qmtpRequest('\n', 's\0', 'r', 'r'), [1]);
  await feed(qmtpRequest('\n123456', 's', 'r', 'a\0') + qmtpRequest('\n12345', 's', 'r'));
  const codes = (await end()).replies.map((reply) =>
    /^([KD]).*?(\(#[0-9.]+\))?$/.exec(reply)?.slice(1).join(''),
  );
  deepStrictEqual(codes, ['D(#5.1.7)', 'D(#5.1.7)', 'D(#5.3.4)', 'D(#5.1.3)', 'K']);
  deepStrictEqual([intake.messages.length, intake.aborted], [1, 2]);
  const endless = session({ limits });
  await endless.feed('17:');
  strictEqual((await endless.end()).ending, 'too-large');
});

test('a request that breaks off is forgotten, and what was whole before it is answered', async () => {
  const input = qmtpRequest('\na', 's', 'r');
  for (let cut = 1; cut < input.length; cut += 1) {
    const { intake, feed, end } = session();
    await feed(input + input.slice(0, cut));
    const { ending, replies } = await end();
    deepStrictEqual([ending, replies.length, intake.messages.length], ['closed', 1, 1]);
    strictEqual(intake.aborted, intake.begun - 1);
  }
  const { feed, end } = session();
  await feed(`${input}x${input}`);
  deepStrictEqual(await end(), { ending: 'malformed', replies: ['Kok 5 qp 1'] });
});

test('what the queue throws is temporary', async () => {
  const { feed, end } = session(
    {},
    {
      write: (bytes) => (bytes[0] === 120 ? Promise.reject(new Error('disk full')) : undefined),
      answer({ envelope }) {
        if (envelope.sender === 'bad') throw new Error('lost');
        return { verdict: 'K', text: 'ok' };
      },
    },
  );
  await feed(qmtpRequest('\nx', 's', 'r') + qmtpRequest('\n', 'bad', 'r'));
  const begins = session({
    begin() {
      throw new Error('none');
    },
  });
  await begins.feed(qmtpRequest('\nx', 's', 'r'));
  const replies = [...(await end()).replies, ...(await begins.end()).replies];
  for (const [index, text] of ['disk full', 'lost', 'none'].entries())
    match(replies[index] ?? '', new RegExp(`^Z.*#4\\.3\\.0.*${text}`));
});
