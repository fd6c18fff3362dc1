import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import type { Envelope } from '../../src/mail/index.ts';
import { packFields } from '../../src/process/index.ts';
import { listenRelay, openProofs, type RelayIntake, relayIntake } from '../../src/serve/index.ts';
import { relayFrame } from '../../src/serve/relay-protocol.ts';
import { type Answer, type ByteString, bytesOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { type MemoryIntake, type MemoryIntakeBehaviour, memoryIntake } from '../support/memory-intake.ts';
import { rawFrame } from '../support/socket-pair.ts';
import { until } from '../support/until.ts';

const envelope: Envelope = { sender: 's@x', recipients: ['a@b', 'c@d'] };

interface Relay {
  readonly intake: RelayIntake;
  readonly memory: MemoryIntake;
  readonly home: string;
  readonly log: readonly string[];
  /** Starts qmail-send's side, again if need be. */
  open(): Promise<void>;
  close(): Promise<void>;
}

interface Options extends MemoryIntakeBehaviour {
  checkRecipient?(address: string): Promise<Answer>;
  readonly isServer?: (uid: number) => boolean;
}

/** Both sides; qmail-send's is not there yet. */
function relay(context: TestContext, options: Options = {}): Relay {
  const home = temporaryDirectory();
  const directory = `${home}/queue`;
  mkdirSync(directory);
  const memory = memoryIntake(options);
  const log: string[] = [];
  let close = async () => {};
  context.after(() => close());
  const intake = relayIntake(nodeSystem([]), home);
  return {
    intake,
    memory,
    home,
    log,
    async open() {
      const listener = await listenRelay({
        directory,
        proofs: openProofs(directory, (line) => log.push(line)),
        intake: memory,
        isServer: options.isServer ?? (() => true),
        ...(options.checkRecipient && { checkRecipient: options.checkRecipient }),
        log: (line) => log.push(line),
      });
      close = listener.close;
    },
    close: () => close(),
  };
}

/** Hands a message over as a server does: it waits when it is asked to. */
async function submit(
  intake: RelayIntake,
  text: ByteString,
  to: Envelope = envelope,
): Promise<Answer & { readonly id: number }> {
  const incoming = intake.begin({ caller: 'network', host: '192.0.2.7', received: 'Received: y\n' });
  for (let from = 0; from < text.length; from += 50_000) {
    await incoming.write(bytesOf(text.slice(from, from + 50_000)));
  }
  const answer = await incoming.commit(to);
  return { ...answer, id: incoming.id };
}

test('a message arrives as it was begun, and gets its answer and number', async (context) => {
  const { intake, memory, home, open } = relay(context);
  await open();
  deepStrictEqual(await submit(intake, 'Subject: x\n\nbody\xff\n'), { verdict: 'K', text: '', id: 1 });
  deepStrictEqual(memory.messages, [
    {
      origin: { caller: 'network', host: '192.0.2.7' },
      text: 'Received: y\nSubject: x\n\nbody\xff\n',
      envelope,
    },
  ]);
  // The proof has served.
  deepStrictEqual(readdirSync(`${home}/queue/proof`), []);
  intake.close();
});

test('many messages at once go over one connection, and each gets its own answer', async (context) => {
  const { intake, memory, open } = relay(context, {
    answer: ({ text }) => ({ verdict: text.endsWith('7') ? 'D' : 'K', text: text.slice(12) }),
  });
  await open();
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, index) => submit(intake, `message ${index}`)),
  );
  for (const [index, { verdict, text }] of answers.entries()) {
    deepStrictEqual([verdict, text], [index % 10 === 7 ? 'D' : 'K', `message ${index}`]);
  }
  strictEqual(memory.messages.length, 270);
  intake.close();
});

test('fifty thousand recipients, and addresses of the greatest length, go through', async (context) => {
  const { intake, memory, open, log } = relay(context);
  await open();
  const many = Array.from({ length: 50_000 }, (_, index) => `user${index}@example.org`);
  const long = Array.from({ length: 4_000 }, (_, index) => `${String(index).padStart(990, 'x')}@b.example`);
  for (const recipients of [many, long]) {
    strictEqual((await submit(intake, 'x', { sender: 's@x', recipients })).verdict, 'K');
    deepStrictEqual(memory.messages.at(-1)?.envelope.recipients, recipients);
  }
  strictEqual((await submit(intake, 'x', { sender: '', recipients: [] })).verdict, 'K');
  deepStrictEqual(log, []);
  intake.close();
});

test('a piece of any size goes through', async (context) => {
  const { intake, memory, open, log } = relay(context);
  await open();
  const incoming = intake.begin({ caller: 'network', host: 'h' });
  const bytes = new Uint8Array(1_000_000).fill(97);
  const full = incoming.write(bytes);
  // The array may be used again at once.
  bytes.fill(98);
  await full;
  await incoming.commit(envelope);
  strictEqual(memory.messages[0]?.text, 'a'.repeat(1_000_000));
  deepStrictEqual(log, []);
  intake.close();
});

test('any pieces in any order of messages arrive as what they were', async (context) => {
  const { intake, memory, open } = relay(context);
  await open();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 4 }), { minLength: 1, maxLength: 5 }),
      async (texts) => {
        const before = memory.messages.length;
        const all = texts.map(() => intake.begin({ caller: 'network', host: 'h' }));
        for (let step = 0; step < 4; step += 1) {
          for (const [index, pieces] of texts.entries()) {
            const piece = pieces[step];
            if (piece !== undefined) await all[index]?.write(piece);
          }
        }
        for (const incoming of all) await incoming.commit(envelope);
        deepStrictEqual(
          memory.messages.slice(before).map(({ text }) => text),
          texts.map((pieces) => Buffer.concat(pieces).toString('latin1')),
        );
      },
    ),
    { numRuns: 30 },
  );
  intake.close();
});

const gone = /^the queue does not answer; is qmail-send running\?.*\(#4\.3\.0\)$/;

test('without qmail-send it is Z, and K as soon as it is there', async (context) => {
  const { intake, open, memory } = relay(context);
  for (let time = 0; time < 3; time += 1) {
    const { verdict, text } = await submit(intake, 'x'.repeat(200_000));
    strictEqual(verdict, 'Z');
    match(text, gone);
  }
  await open();
  strictEqual((await submit(intake, 'through')).verdict, 'K');
  strictEqual(memory.begun, 1);
  intake.close();
});

test('what was on its way when the connection was lost is Z, and the next message gets another', async (context) => {
  const held = Promise.withResolvers<Answer>();
  let hold = true;
  const { intake, memory, open, close } = relay(context, {
    answer: () => (hold ? held.promise : { verdict: 'K', text: '' }),
  });
  await open();
  const begun = intake.begin({ caller: 'network', host: 'h' });
  await begun.write(bytesOf('half'));
  const waiting = submit(intake, 'waits');
  await until('both', () => (memory.begun === 2 ? true : undefined));
  await close();
  const { verdict, text } = await waiting;
  strictEqual(verdict, 'Z');
  match(text, gone);
  // It was begun on the connection that is gone: nobody knows of it.
  begun.write(bytesOf('more'));
  strictEqual((await begun.commit(envelope)).verdict, 'Z');
  begun.abort();
  await until('the end of it', () => (memory.aborted === 1 ? true : undefined));
  hold = false;
  held.resolve({ verdict: 'K', text: '' });
  await open();
  const again = await submit(intake, 'again');
  deepStrictEqual([again.verdict, memory.messages.at(-1)?.text], ['K', 'Received: y\nagain']);
  intake.close();
});

test('a user who is no server gets Z, and leaves no proof', async (context) => {
  const { intake, open, memory, home } = relay(context, { isServer: () => false });
  await open();
  strictEqual((await submit(intake, 'x')).verdict, 'Z');
  strictEqual(memory.begun, 0);
  deepStrictEqual(readdirSync(`${home}/queue/proof`), []);
});

test('a message that is given up is forgotten', async (context) => {
  const { intake, open, memory } = relay(context);
  await open();
  const incoming = intake.begin({ caller: 'network', host: 'h' });
  await incoming.write(bytesOf('half'));
  incoming.abort();
  await until('the end of it', () => (memory.aborted === 1 ? true : undefined));
  strictEqual((await submit(intake, 'x')).verdict, 'K');
  intake.close();
});

interface Scripted {
  readonly intake: RelayIntake;
  readonly sockets: readonly Socket[];
}

/** A qmail-send that does what a test says to a connection. */
async function scripted(context: TestContext, serve: (socket: Socket) => void): Promise<Scripted> {
  const home = temporaryDirectory();
  mkdirSync(`${home}/queue/proof`, { recursive: true });
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(`${home}/queue/relay`, resolve);
  });
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { intake: relayIntake(nodeSystem([]), home), sockets };
}

const nonce = rawFrame(relayFrame.nonce, 0, 'abc123');

const strange: Readonly<Record<string, readonly Buffer[]>> = {
  nothing: [],
  'a name that is a path': [rawFrame(relayFrame.nonce, 0, '../../evil')],
  'no name': [rawFrame(relayFrame.nonce, 0)],
  'a name of a proof that is there': [rawFrame(relayFrame.nonce, 0, 'dead')],
  garbage: [Buffer.alloc(5_000, 0xff)],
  'half a frame': [nonce, nonce.subarray(0, 5)],
  'an answer without a verdict, and nothing more': [
    nonce,
    rawFrame(relayFrame.answer, 1, packFields(['X', '', '1'])),
  ],
  'answers to nobody': [nonce, rawFrame(relayFrame.answer, 99, packFields(['K', '', '1'])), rawFrame(55, 1)],
};

for (const [what, frames] of Object.entries(strange)) {
  test(`a queue that says ${what} and goes: Z`, async (context) => {
    const { intake } = await scripted(context, (socket) => {
      if (frames[0] !== nonce) socket.end(Buffer.concat(frames));
      else {
        socket.write(frames[0]);
        // It answers when it has been asked.
        socket.once('data', () => socket.end(Buffer.concat(frames.slice(1))));
      }
    });
    if (what.startsWith('a name of')) await submit(intake, 'makes the proof');
    const { verdict, text, id } = await submit(intake, 'x');
    deepStrictEqual([verdict, id], ['Z', 0]);
    match(text, gone);
  });
}

test('a name is asked for once: a second one makes no other proof', async (context) => {
  const { intake } = await scripted(context, (socket) => {
    socket.write(Buffer.concat([nonce, rawFrame(relayFrame.nonce, 0, 'def456')]));
    socket.once('data', () => socket.end());
  });
  strictEqual((await submit(intake, 'x')).verdict, 'Z');
});

test('a queue that reads nothing asks for patience before much has been handed over', async (context) => {
  const { intake, sockets } = await scripted(context, (socket) => {
    socket.pause();
    socket.write(nonce);
  });
  const incoming = intake.begin({ caller: 'network', host: 'h' });
  const piece = new Uint8Array(50_000);
  let handed = 0;
  let full: Promise<void> | undefined;
  let waits = 0;
  while (handed < 20_000_000) {
    full = incoming.write(piece);
    handed += piece.length;
    if (full === undefined) continue;
    waits += 1;
    // The first wait is for the proof.
    const passed = await Promise.race([
      full.then(() => true),
      until('nothing', () => undefined, 200).catch(() => false),
    ]);
    if (!passed) break;
    await turn();
  }
  ok(waits > 0 && handed < 2_000_000, `${handed} bytes were handed over`);
  sockets[0]?.destroy();
  await full;
  strictEqual((await incoming.commit(envelope)).verdict, 'Z');
});

test('whether there is a recipient: unless that is denied, there is', async (context) => {
  const asked: string[] = [];
  const { intake, open, close, home } = relay(context, {
    async checkRecipient(address) {
      asked.push(address);
      if (address === 'broken@x') throw new Error('no answer');
      return {
        verdict: address.startsWith('nobody') ? 'D' : address.startsWith('later') ? 'Z' : 'K',
        text: '',
      };
    },
  });
  // Nobody can be asked: it passes.
  strictEqual(await intake.isKnown('nobody@x'), true);
  await open();
  const known = await Promise.all(['joe@x', 'nobody@x', 'later@x'].map(intake.isKnown));
  deepStrictEqual(known, [true, false, true]);
  deepStrictEqual(asked, ['joe@x', 'nobody@x', 'later@x']);
  strictEqual(await intake.isKnown('broken@x'), true);
  await close();
  const without = relay(context);
  await without.open();
  strictEqual(await without.intake.isKnown('nobody@x'), true);
  ok(home !== without.home);
});
