import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { createServerSession, type PackageEnvelope, type Submission } from '../../qmqp/index.ts';
import { type Answer, bytesOf, textOf } from '../../src/system/index.ts';
import { inPieces } from '../support/pieces.ts';

const limits = { messageBytesMax: 1000, addressBytesMax: 999, recipientsMax: 10, envelopeBytesMax: 9000 };

const request = '45:17:Subject: q\n\nbody\n,5:s@x.y,5:a@b.c,5:d@e.f,,';

/** A session whose events are written down, in order. */
function record(own: Partial<Submission> = {}, begin?: () => Submission) {
  const events: unknown[] = [];
  let message = '';
  const submission: Submission = {
    message(bytes) {
      message += textOf(bytes);
      return undefined;
    },
    async complete(envelope: PackageEnvelope): Promise<Answer> {
      events.push(['complete', message, envelope.sender, ...envelope.recipients]);
      return { verdict: 'K', text: 'ok' };
    },
    abandon: () => events.push(['abandon']),
    ...own,
  };
  const session = createServerSession({
    limits,
    begin() {
      events.push(['begin']);
      return begin === undefined ? submission : begin();
    },
    reply: (bytes, cause) => events.push(['reply', textOf(bytes), cause]),
  });
  return {
    session,
    events,
    feed: (text: string) => session.feed(bytesOf(text)),
    verdict: () => events.flat().find((event) => /^\d+:[KZD]/.test(String(event))),
  };
}

const taken = [
  ['begin'],
  ['complete', 'Subject: q\n\nbody\n', 's@x.y', 'a@b.c', 'd@e.f'],
  ['reply', '3:Kok,', 'complete'],
];

test('a request is taken, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(20)), async (sizes) => {
      const { session, events } = record();
      for (const piece of inPieces(bytesOf(request), sizes)) strictEqual(session.feed(piece), undefined);
      strictEqual(session.finished, true);
      await setImmediate();
      deepStrictEqual(events, taken);
    }),
  );
});

test('a request that ends too early, at any byte, is forgotten without a word', async () => {
  for (let end = 0; end < request.length; end += 1) {
    const { session, events, feed } = record();
    feed(request.slice(0, end));
    strictEqual(session.finished, false);
    session.end();
    session.end();
    feed(request.slice(end));
    await setImmediate();
    deepStrictEqual(events, end < 6 ? [] : [['begin'], ['abandon']], `after ${end} bytes`);
  }
});

test('the reply waits for the queue, and nothing else is said', async () => {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const { session, events, feed } = record({ complete: () => promise });
  feed(request);
  session.end();
  session.refuse({ verdict: 'Z', text: 'timeout' });
  feed('more');
  await setImmediate();
  deepStrictEqual(events, [['begin']]);
  resolve({ verdict: 'Z', text: 'disk full' });
  await setImmediate();
  deepStrictEqual(events, [['begin'], ['reply', '10:Zdisk full,', 'complete']]);
});

test('what is malformed or too large is refused at once, before or after the message began', () => {
  const cases: readonly (readonly [input: string, code: string, cause: string])[] = [
    ['x', '(#5.5.2)', 'malformed'],
    ['00031:', '(#5.5.2)', 'malformed'],
    ['16:3:abcX', '(#5.5.2)', 'malformed'],
    [`${request.slice(0, -1)};`, '(#5.5.2)', 'malformed'],
    ['99999', '(#5.3.4)', 'limit'],
    ['1100:1001:', '(#5.3.4)', 'limit'],
    ['9999:0:', '(#5.3.4)', 'limit'],
    [`51:0:,1:s,${'1:r,'.repeat(11)},`, '(#5.5.3)', 'limit'],
  ];
  for (const [input, code, cause] of cases) {
    const { events, feed, session } = record();
    feed(input);
    const [kind, text, found] = (events.at(-1) ?? []) as readonly string[];
    deepStrictEqual([kind, text?.includes(code), found], ['reply', true, cause], input);
    strictEqual(text?.includes(':D'), true);
    strictEqual(session.finished, true);
    deepStrictEqual(events.slice(0, -1), events.length > 1 ? [['begin'], ['abandon']] : []);
  }
});

test('an address that cannot be accepted is refused after the last byte and not before', () => {
  for (const parts of ['1:s,3:a\0b,4:ok@b,', `${`1000:${'s'.repeat(1000)},`}3:a@b,`]) {
    const body = `1:m,${parts}`;
    const { events, feed } = record();
    feed(`${body.length}:${body}`);
    deepStrictEqual(events, [['begin']]);
    feed(',');
    strictEqual(events.length, 3);
    deepStrictEqual(events[1], ['abandon']);
    strictEqual(String(events[2]).includes(':D'), true);
    strictEqual(String(events[2]).includes('(#5.1.3)'), true);
  }
});

test('the disk is waited for: between pieces, and before the message is completed', async () => {
  const waits: (() => void)[] = [];
  const { events, feed, session } = record({
    message: () => new Promise<void>((resolve) => waits.push(resolve)),
  });
  let more = false;
  feed('45:17:Subj')?.then(() => {
    more = true;
  });
  await setImmediate();
  strictEqual(more, false);
  waits.shift()?.();
  await setImmediate();
  strictEqual(more, true);
  strictEqual(feed(request.slice(10)), undefined);
  strictEqual(session.finished, true);
  await setImmediate();
  deepStrictEqual(events, [['begin']]);
  waits.shift()?.();
  await setImmediate();
  deepStrictEqual(events[1], ['complete', '', 's@x.y', 'a@b.c', 'd@e.f']);
});

test('whatever fails on our side is Z, with the reason', async () => {
  const full = () => {
    throw new Error('no space left');
  };
  const failures: readonly ReturnType<typeof record>[] = [
    record({}, full),
    record({ message: full }),
    record({ message: () => Promise.reject(new Error('no space left')) }),
    record({ complete: () => Promise.reject(new Error('no space left')) }),
  ];
  for (const { feed, verdict } of failures) {
    feed(request.slice(0, 30));
    await setImmediate();
    feed(request.slice(30));
    await setImmediate();
    strictEqual(verdict(), '51:Zunable to take the message (#4.3.0): no space left,');
  }
});

test('a request that is incomplete can be refused, but never accepted', () => {
  const { session, events, feed } = record();
  feed(request.slice(0, 20));
  throws(() => session.refuse({ verdict: 'K', text: '' }), /incomplete/);
  session.refuse({ verdict: 'Z', text: 'too slow' });
  session.refuse({ verdict: 'Z', text: 'too slow' });
  deepStrictEqual(events, [['begin'], ['abandon'], ['reply', '9:Ztoo slow,', 'refused']]);
});

test('a second request on the same connection is ignored', async () => {
  const { events, feed } = record();
  feed(request + request);
  feed(request);
  await setImmediate();
  deepStrictEqual(events, taken);
});
