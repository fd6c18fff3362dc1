import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { packFields, unpackFields } from '../../src/process/index.ts';
import {
  listenRelay,
  openProofs,
  qmqpServerLimits,
  type RelayListener,
  type RelayListenerOptions,
} from '../../src/serve/index.ts';
import { checksMax } from '../../src/serve/relay-listener.ts';
import { relayFrame } from '../../src/serve/relay-protocol.ts';
import { temporaryDirectory } from '../support/home.ts';
import { type MemoryIntake, type MemoryIntakeBehaviour, memoryIntake } from '../support/memory-intake.ts';
import { closing, connected, rawFrame } from '../support/socket-pair.ts';
import { until } from '../support/until.ts';

interface Listening {
  readonly listener: RelayListener;
  readonly directory: string;
  readonly memory: MemoryIntake;
  readonly log: readonly string[];
}

interface Options extends MemoryIntakeBehaviour, Pick<RelayListenerOptions, 'checkRecipient'> {
  readonly isServer?: (uid: number) => boolean;
}

async function listen(context: TestContext, options: Options = {}): Promise<Listening> {
  const directory = temporaryDirectory();
  const memory = memoryIntake(options);
  const log: string[] = [];
  const listener = await listenRelay({
    directory,
    proofs: openProofs(directory, (line) => log.push(line)),
    intake: memory,
    isServer: options.isServer ?? ((uid) => uid === process.getuid?.()),
    log: (line) => log.push(line),
    ...(options.checkRecipient && { checkRecipient: options.checkRecipient }),
  });
  context.after(() => listener.close());
  return { listener, directory, memory, log };
}

interface Client {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  readonly nonce: string;
  /** Makes the proof and says so. */
  prove(): void;
  say(...frames: readonly (readonly [type: number, number: number, payload?: Uint8Array | string])[]): void;
  /** Fields of the answers, by number. */
  answers(count: number): Promise<ReadonlyMap<number, readonly string[]>>;
}

async function client({ directory }: Listening): Promise<Client> {
  const socket = await connected(`${directory}/relay`);
  const closed = closing(socket);
  let nonce = '';
  const answers = new Map<number, readonly string[]>();
  let unread = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    while (unread.length >= 9 && unread.length >= 9 + unread.readUInt32BE(0)) {
      const after = 9 + unread.readUInt32BE(0);
      const payload = unread.subarray(9, after);
      if (unread.readUInt8(4) === relayFrame.nonce) nonce = payload.toString('latin1');
      else answers.set(unread.readUInt32BE(5), unpackFields(payload) ?? []);
      unread = unread.subarray(after);
    }
  });
  while (nonce === '') await turn();
  const say: Client['say'] = (...frames) => {
    socket.write(Buffer.concat(frames.map(([type, number, payload]) => rawFrame(type, number, payload))));
  };
  return {
    socket,
    closed,
    nonce,
    prove() {
      writeFileSync(`${directory}/proof/${nonce}`, '', { mode: 0o400 });
      say([relayFrame.proven, 0]);
    },
    say,
    answers: (count) =>
      until(`${count} answers`, () => (answers.size >= count ? answers : undefined), 5000, 1),
  };
}

const { begin, data, recipients, commit, abort } = relayFrame;

function message(number: number, text = 'Subject: x\n\nbody\n', to: readonly string[] = ['a@b', 'c@d']) {
  return [
    [begin, number, packFields(['192.0.2.9', 'Received: here\n'])],
    [data, number, text.slice(0, 5)],
    [data, number, text.slice(5)],
    [recipients, number, packFields(to)],
    [commit, number, packFields(['s@x'])],
  ] as const;
}

// First, so that no other test's timers are stopped while time stands still.
test('who does not prove itself in time is put out; who has is not', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const listening = await listen(context);
  const silent = await client(listening);
  const server = await client(listening);
  server.prove();
  server.say(message(1)[0]);
  while (listening.memory.begun === 0) await turn();
  context.mock.timers.tick(10_001);
  await silent.closed;
  strictEqual(server.socket.destroyed, false);
  server.socket.destroy();
});

test('a server that has proven itself hands messages over; each is answered with its number', async (context) => {
  const listening = await listen(context);
  const { prove, say, answers, socket } = await client(listening);
  prove();
  say(...message(1), ...message(2, 'second'));
  deepStrictEqual(Object.fromEntries(await answers(2)), { 1: ['K', '', '1'], 2: ['K', '', '2'] });
  deepStrictEqual(listening.memory.messages[0], {
    origin: { caller: 'network', host: '192.0.2.9' },
    text: 'Received: here\nSubject: x\n\nbody\n',
    envelope: { sender: 's@x', recipients: ['a@b', 'c@d'] },
  });
  socket.destroy();
});

test('many messages at once, their pieces between one another, are kept apart', async (context) => {
  const listening = await listen(context);
  const { prove, say, answers, socket } = await client(listening);
  prove();
  const all = Array.from({ length: 200 }, (_, index) => message(index + 1, `message ${index} of many`));
  for (let step = 0; step < 5; step += 1) {
    for (const one of all) {
      const frame = one[step];
      if (frame !== undefined) say(frame);
    }
  }
  await answers(200);
  deepStrictEqual(
    listening.memory.messages.map(({ text }) => text),
    all.map((_, index) => `Received: here\nmessage ${index} of many`),
  );
  socket.destroy();
});

test('what the queue answers is the answer; what it throws is Z', async (context) => {
  const answers = [{ verdict: 'D', text: 'no\xff' } as const, { verdict: 'Z', text: 'later' } as const];
  const listening = await listen(context, {
    answer: () => {
      const answer = answers.shift();
      if (answer === undefined) throw new Error('the store is gone');
      return answer;
    },
  });
  const one = await client(listening);
  one.prove();
  one.say(...message(1), ...message(2), ...message(3));
  const got = await one.answers(3);
  deepStrictEqual(got.get(1)?.slice(0, 2), ['D', 'no\xff']);
  deepStrictEqual(got.get(2)?.slice(0, 2), ['Z', 'later']);
  deepStrictEqual(got.get(3)?.slice(0, 2), ['Z', 'the store is gone (#4.3.0)']);
  one.socket.destroy();
});

test('recipients are looked for, and those beyond the limit pass while the connection stays', async (context) => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let asked = 0;
  const listening = await listen(context, {
    async checkRecipient(address) {
      asked += 1;
      await promise;
      return address === 'nobody@x' ? { verdict: 'D', text: 'no' } : { verdict: 'K', text: '' };
    },
  });
  const { prove, say, answers, socket } = await client(listening);
  prove();
  for (let number = 1; number <= checksMax; number += 1)
    say([relayFrame.check, number, packFields(['nobody@x'])]);
  say([relayFrame.check, checksMax + 1, packFields(['nobody@x'])], ...message(checksMax + 2));
  deepStrictEqual([...(await answers(2)).keys()], [checksMax + 1, checksMax + 2]);
  strictEqual((await answers(2)).get(checksMax + 1)?.[0], 'K');
  strictEqual(asked, checksMax);
  resolve(undefined);
  strictEqual((await answers(checksMax + 2)).get(1)?.[0], 'D');
  deepStrictEqual(listening.log, []);
  socket.destroy();
});

test('who has not proven anything is put out with its first word, and no message begins', async (context) => {
  const listening = await listen(context);
  for (const frame of [message(1)[0], [commit, 1], [99, 1], [relayFrame.proven, 0]] as const) {
    const { say, closed } = await client(listening);
    say(frame);
    await closed;
  }
  strictEqual(listening.memory.begun, 0);
  strictEqual(listening.log.length, 4);
  match(listening.log[0] ?? '', /^warning: a network server's connection is closed: it has not proven who/);
});

test('a user who is no network server is refused, though its proof is good', async (context) => {
  const listening = await listen(context, { isServer: (uid) => uid === 424_242 });
  const { prove, say, closed } = await client(listening);
  prove();
  say(...message(1));
  await closed;
  strictEqual(listening.memory.begun, 0);
  match(listening.log[0] ?? '', new RegExp(`uid ${process.getuid?.()} is no network server$`));
});

test('a proof serves the connection for which its name was given', async (context) => {
  const listening = await listen(context);
  const first = await client(listening);
  const second = await client(listening);
  writeFileSync(`${listening.directory}/proof/${first.nonce}`, '', { mode: 0o400 });
  second.say([relayFrame.proven, 0]);
  await second.closed;
  first.say([relayFrame.proven, 0], ...message(1));
  await first.answers(1);
  first.socket.destroy();
});

const offences: Readonly<Record<string, readonly (readonly [number, number, (Uint8Array | string)?])[]>> = {
  'data of no message': [[data, 9, 'x']],
  'recipients of no message': [[recipients, 9, packFields(['a@b'])]],
  'a commit of no message': [[commit, 9, packFields(['s@x'])]],
  'an end of no message': [[abort, 9]],
  'a second commit': [...message(9), [commit, 9, packFields(['s@x'])]],
  'a message that has begun': [message(9)[0], message(9)[0]],
  'no fields': [[begin, 9, 'garbage']],
  'too few fields': [[begin, 9, packFields(['host'])]],
  'too many fields': [[begin, 9, packFields(['host', 'received', 'more'])]],
  'a host that is too long': [[begin, 9, packFields(['h'.repeat(101), ''])]],
  'a Received field that is too long': [[begin, 9, packFields(['h', 'r'.repeat(16_385)])]],
  'a second proof': [[relayFrame.proven, 0]],
  'an answer': [message(9)[0], [relayFrame.answer, 9, 'K']],
  'a frame that does not exist': [message(9)[0], [99, 9]],
  'too many recipients': [
    message(9)[0],
    ...Array.from(
      { length: 51 },
      () => [recipients, 9, packFields(Array.from({ length: 1000 }, () => 'a'))] as const,
    ),
  ],
  'too many bytes of recipients': [
    message(9)[0],
    ...Array.from(
      { length: Math.ceil(qmqpServerLimits.envelopeBytesMax / 250_000) + 1 },
      () => [recipients, 9, packFields(['x'.repeat(250_000)])] as const,
    ),
  ],
};

for (const [what, frames] of Object.entries(offences)) {
  test(`${what}: the connection is closed, its messages are forgotten, and the next is served`, async (context) => {
    const listening = await listen(context);
    const bad = await client(listening);
    bad.prove();
    bad.say(message(1)[0], message(1)[1], ...frames);
    await bad.closed;
    const kept = what === 'a second commit' ? 1 : 0;
    strictEqual(listening.memory.messages.length, kept);
    strictEqual(listening.memory.aborted, listening.memory.begun - kept);
    ok(listening.memory.begun > 0);
    strictEqual(listening.log.length, 1);
    const good = await client(listening);
    good.prove();
    good.say(...message(1));
    deepStrictEqual((await good.answers(1)).get(1)?.[0], 'K');
    good.socket.destroy();
  });
}

test('garbage of any kind begins nothing and stops nobody', async (context) => {
  const listening = await listen(context);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 9 }), fc.boolean(), async (bytes, proven) => {
      const { socket, closed, prove } = await client(listening);
      if (proven) prove();
      socket.end(bytes);
      await closed;
    }),
    { numRuns: 40 },
  );
  strictEqual(listening.memory.messages.length, 0);
  const { prove, say, answers, socket } = await client(listening);
  prove();
  say(...message(1));
  await answers(1);
  socket.destroy();
});

test('a server that is gone in the middle leaves nothing behind', async (context) => {
  const listening = await listen(context);
  for (const steps of [1, 2, 3, 4]) {
    const { prove, say, socket } = await client(listening);
    prove();
    say(...message(1).slice(0, steps));
    await until('its message', () => (listening.memory.begun === steps ? true : undefined), 5000, 1);
    socket.destroy();
    await until('the end of it', () => (listening.memory.aborted === steps ? true : undefined), 5000, 1);
  }
  strictEqual(listening.memory.messages.length, 0);
});

test('a disk that is behind holds the connection back, and goes on when it has caught up, or failed', async (context) => {
  let gates: PromiseWithResolvers<void>[] = [];
  let written = 0;
  const listening = await listen(context, {
    write() {
      written += 1;
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      return gate.promise;
    },
  });
  const { prove, say, answers, socket } = await client(listening);
  prove();
  say(...message(1), ...message(2));
  for (let piece = 1; piece <= 4; piece += 1) {
    await until(`piece ${piece}`, () => (written === piece ? true : undefined), 5000, 1);
    for (let turns = 0; turns < 3; turns += 1) await turn();
    strictEqual(written, piece);
    const waiting = gates;
    gates = [];
    for (const gate of waiting) {
      if (piece === 2) gate.reject(new Error('disk'));
      else gate.resolve();
    }
  }
  await answers(2);
  socket.destroy();
});

test('strangers who keep their connections open do not keep the servers out', async (context) => {
  const listening = await listen(context);
  const server = await client(listening);
  server.prove();
  const strangers: Client[] = [];
  for (let count = 0; count < 120; count += 1) strangers.push(await client(listening));
  await strangers[0]?.closed;
  const late = await client(listening);
  late.prove();
  for (const one of [server, late]) {
    one.say(...message(1));
    await one.answers(1);
  }
  for (const one of [...strangers, server, late]) one.socket.destroy();
});

test('closing ends all connections and leaves no socket', async (context) => {
  const listening = await listen(context);
  const { closed } = await client(listening);
  await listening.listener.close();
  await closed;
  strictEqual(existsSync(`${listening.directory}/relay`), false);
});
