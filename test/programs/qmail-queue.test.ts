import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, closeSync, openSync, readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { findAccount } from '../../src/process/index.ts';
import { listenIntake, openProofs } from '../../src/serve/index.ts';
import { textOf } from '../../src/system/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { isRoot } from '../support/hub-home.ts';
import { openTestStore } from '../support/open-store.ts';
import { asUserMain, type Ended, type Run, runProgram } from '../support/run-program.ts';
import { type Rule, vectors } from '../support/vectors.ts';

const onlyRoot = isRoot ? false : 'only root can call as another user';

const message = 'Subject: q\n\nbody\n';

/** Runs qmail-queue, as another user if one is named. */
function queue(home: string, run: Pick<Run, 'stdin' | 'envelope' | 'args'>, user?: string): Promise<Ended> {
  const env = { QMAILHOME: home };
  if (user === undefined) return runProgram({ ...run, program: 'qmail-queue', env });
  return runProgram({
    ...run,
    program: user,
    args: ['qmail-queue', ...(run.args ?? [])],
    main: asUserMain,
    env,
  });
}

/** A home with a store and its intake, but nobody who would deliver: what was queued can be looked at. */
async function openQueueHome(aliasUid?: number) {
  const home = temporaryDirectory();
  chmodSync(home, 0o755);
  const opened = await openTestStore({ directory: `${home}/queue` });
  const intake = await listenIntake({
    directory: `${home}/queue`,
    proofs: openProofs(`${home}/queue`, () => {}),
    intake: opened.store,
    aliasUid,
    log: () => {},
  });
  /** What a directory of qmail's queue would hold, as the recorded cases show it. */
  const files = (): Readonly<Record<string, { readonly data: string }>> => {
    const entries = opened.accepted.flatMap(({ message: { id, sender }, recipients }) => {
      const kept = opened.store.message(id);
      const chunks = kept === undefined ? [] : [...opened.store.body(kept).chunks()];
      const envelope = [`F${sender}\0`, ...recipients.map(({ address }) => `T${address}\0`)].join('');
      return [
        [`todo/${id}`, { data: `u0\0p0\0${envelope}` }] as const,
        [`mess/0/${id}`, { data: chunks.map((chunk) => textOf(chunk)).join('') }] as const,
      ];
    });
    return Object.fromEntries(entries);
  };
  const close = async () => {
    await intake.close(0);
    await opened.store.close();
  };
  return { home, files, close };
}

interface QueueCase {
  readonly name: string;
  readonly argv?: readonly string[];
  readonly uid: string;
  readonly stdin?: string;
  readonly fd1: string;
}

/** Who of this machine stands for a user of the machine where the cases were recorded. */
function userOf({ uid }: QueueCase): string | undefined {
  if (!isRoot || uid === 'root') return undefined;
  return uid === 'alias' ? 'daemon' : 'nobody';
}

interface QueueFiles {
  readonly envelope: string | undefined;
  readonly message: string | undefined;
}

/**
 * What of the queue's files must agree. DESIGN.md keeps the queue in one store: there are no directories of numbered
 * files and no remains of a submission that failed. What was queued, and its bytes, are the same.
 */
function queued(value: unknown): QueueFiles {
  const files = Object.entries((value ?? {}) as Readonly<Record<string, { readonly data: string }>>);
  const data = (name: string) => files.find(([path]) => path.startsWith(name))?.[1].data;
  const envelope = data('todo/')?.replace(/^u[^\0]*\0p[^\0]*\0/, '');
  if (envelope === undefined) return { envelope, message: undefined };
  const text = data('mess/');
  // Only root can be the users of the recorded cases.
  return {
    envelope,
    message: isRoot ? text : text?.replace(/invoked by (uid \S+|alias)\)/, 'invoked by uid 0)'),
  };
}

const rules: readonly Rule<QueueCase>[] = [
  {
    reason: 'DESIGN.md, store: a message to nobody is finished as soon as it is accepted, and leaves nothing',
    applies: ({ fd1 }) => /^F[^\0]*\0\0/.test(fd1),
    expect: ({ fd1 }) => ({
      exit: 0,
      files: {
        'todo/1': { data: `u0\0p0\0${fd1.slice(0, fd1.indexOf('\0') + 1)}` },
        'mess/0/1': { data: '' },
      },
    }),
  },
  {
    reason: 'DESIGN.md, limits: the size of an envelope and the number of recipients are limited',
    applies: ({ fd1 }) => fd1.length > 4 * 1024 * 1024 || fd1.split('\0').length > 50_000,
    expect: () => ({ exit: 31, files: {} }),
  },
];

vectors<QueueCase>({
  file: 'queue.json',
  views: { files: queued },
  rules,
  async run(vector) {
    const aliasUid = isRoot ? findAccount('daemon').uid : undefined;
    const { home, files, close } = await openQueueHome(aliasUid);
    try {
      const run = { stdin: vector.stdin ?? '', envelope: vector.fd1, args: vector.argv ?? [] };
      const { exit, stderr } = await queue(home, run, userOf(vector));
      return { exit, stderr, files: files() };
    } finally {
      await close();
    }
  },
});

async function withQueue(context: TestContext) {
  const opened = await openQueueHome();
  context.after(opened.close);
  return opened;
}

test('addresses are taken up to 1002 bytes, and of any bytes', async (context) => {
  const { home, files } = await withQueue(context);
  const sender = 's'.repeat(1002);
  const recipient = `\xff\n ${'r'.repeat(999)}`;
  const ended = await queue(home, { stdin: message, envelope: `F${sender}\0T${recipient}\0T\0\0` });
  deepStrictEqual(ended, { exit: 0, stdout: '', stderr: '' });
  strictEqual(queued(files()).envelope, `F${sender}\0T${recipient}\0T\0`);
});

test('what is wrong has its own exit code, is said, and nothing is queued', async (context) => {
  const { home, files } = await withQueue(context);
  const cases: readonly (readonly [envelope: string, exit: number, says: RegExp])[] = [
    [`Fs\0T${'r'.repeat(1003)}\0\0`, 11, /more than 1002 bytes/],
    [`F${'s'.repeat(1003)}\0Tr\0\0`, 11, /more than 1002 bytes/],
    [`F${'s'.repeat(2000)}`, 11, /more than 1002 bytes/],
    [`Fs\0${'Tr\0'.repeat(50_001)}\0`, 31, /more than 50000 recipients/],
    ['Fs\0Tr\0', 54, /final NUL/],
    ['F', 54, /final NUL/],
    ['', 54, /final NUL/],
    ['Ts\0\0', 91, /malformed/],
    ['Fs\0Fs\0\0', 91, /malformed/],
    ['\0', 91, /malformed/],
  ];
  for (const [envelope, exit, says] of cases) {
    const ended = await queue(home, { stdin: message, envelope });
    strictEqual(ended.exit, exit, JSON.stringify(envelope.slice(0, 20)));
    match(ended.stderr, /^qmail-queue: .*\n$/);
    match(ended.stderr, says);
  }
  deepStrictEqual(files(), {});
});

test('a message to nobody is taken', async (context) => {
  const { home, files } = await withQueue(context);
  strictEqual((await queue(home, { stdin: message, envelope: 'Fs\0\0' })).exit, 0);
  strictEqual(queued(files()).envelope, 'Fs\0');
});

test('an empty message is one, and arguments are ignored', async (context) => {
  const { home, files } = await withQueue(context);
  const ended = await queue(home, { stdin: '', envelope: 'F\0Ta\0\0', args: ['-x', '--what', 'y'] });
  deepStrictEqual([ended.exit, ended.stderr], [0, '']);
  match(queued(files()).message ?? '', /^Received: \(qmail \d+ invoked by uid \d+\); [^\n]* -0000\n$/);
});

test('a descriptor that cannot be read: 54', async (context) => {
  const { home } = await withQueue(context);
  const path = `${temporaryDirectory()}/write-only`;
  const descriptor = openSync(path, 'w');
  const main = new URL('../../src/main.ts', import.meta.url).pathname;
  for (const stdio of [
    [descriptor, 'ignore', 'ignore'],
    ['ignore', descriptor, 'ignore'],
  ] as const) {
    const child = spawn(process.execPath, [main, 'qmail-queue'], {
      env: { QMAILHOME: home },
      stdio: [...stdio],
    });
    deepStrictEqual(await once(child, 'exit'), [54, null]);
  }
  closeSync(descriptor);
});

const toUser = 'Fs@x\0Tyou@hub.test\0\0';

async function started(context: TestContext): Promise<Hub> {
  const hub = await startHub();
  context.after(() => hub.stop());
  return hub;
}

test('every byte of a message reaches the Maildir', async (context) => {
  const hub = await started(context);
  const everyByte = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code));
  const stdin = `Subject: \xe9\0\n\n${everyByte}no newline at the end`;
  deepStrictEqual(await queue(hub.home, { stdin, envelope: toUser }), { exit: 0, stdout: '', stderr: '' });
  await hub.line(/^end msg/);
  const [text = ''] = hub.messages();
  match(
    text,
    /^Return-Path: <s@x>\nDelivered-To: you@hub\.test\nReceived: \(qmail \d+ invoked by uid \d+\); /,
  );
  strictEqual(text.slice(text.indexOf('Subject: ')), stdin);
});

test('a message of many chunks', async (context) => {
  const hub = await started(context);
  const stdin = randomBytes(5_000_000);
  strictEqual((await queue(hub.home, { stdin, envelope: toUser })).exit, 0);
  await hub.line(/^end msg/);
  const [path = ''] = hub.delivered();
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  strictEqual(digest(readFileSync(path).subarray(-stdin.length)), digest(stdin));
});

test('the hub names the user who called, not the one that it runs as', {
  skip: onlyRoot,
}, async (context) => {
  const hub = await started(context);
  for (const [index, user] of ['root', 'daemon'].entries()) {
    const { uid } = findAccount(user);
    const caller = user === 'root' ? undefined : user;
    strictEqual((await queue(hub.home, { stdin: message, envelope: toUser }, caller)).exit, 0);
    match(await hub.line(new RegExp(`^info msg .* uid ${uid}$`)), / from <s@x> /);
    await hub.count(/^end msg/, index + 1);
    const texts = hub.messages().filter((text) => text.includes(` invoked by uid ${uid}); `));
    strictEqual(texts.length, 1);
  }
});

test('without a hub: 62, before it started and after it ended', async () => {
  const home = temporaryDirectory();
  const never = await queue(home, { stdin: message, envelope: toUser });
  strictEqual(never.exit, 62);
  match(never.stderr, /^qmail-queue: .*\(#4\.3\.0\).*is qmail-send running\?.*\/queue\/intake\n$/);
  const hub = await startHub();
  strictEqual(await hub.stop(), 0);
  strictEqual((await queue(hub.home, { stdin: message, envelope: toUser })).exit, 62);
  const killed = await startHub();
  killed.signal('SIGKILL');
  strictEqual(await killed.ended, 'SIGKILL');
  strictEqual((await queue(killed.home, { stdin: message, envelope: toUser })).exit, 62);
});

/** Resolves when the kernel knows of a connection to the socket beside the one that listens. */
async function connected(path: string): Promise<void> {
  const sockets = () => readFileSync('/proc/net/unix', 'latin1').split('\n');
  while (sockets().filter((line) => line.endsWith(path)).length < 2) await new Promise(setImmediate);
}

test('a hub that dies in the middle of the conversation: 74', async () => {
  const hub = await startHub();
  // It stands still, so the conversation does too, after the connection.
  hub.signal('SIGSTOP');
  const ended = queue(hub.home, { stdin: message, envelope: toUser });
  await connected(`${hub.home}/queue/intake`);
  hub.signal('SIGKILL');
  const { exit, stderr } = await ended;
  strictEqual(exit, 74);
  match(stderr, /^qmail-queue: communication .*\(#4\.4\.2\): .*\/queue\/intake: .*\n$/);
  await hub.ended;
});

test('what is queued while the reader of complaints is gone keeps its exit code', async (context) => {
  const { home } = await withQueue(context);
  const main = new URL('../../src/main.ts', import.meta.url).pathname;
  const script = '{ read go; "$@" 1</dev/null; echo $? >&4; } 2>&1 4>&3 | true';
  const child = spawn('sh', ['-c', script, 'sh', process.execPath, main, 'qmail-queue'], {
    env: { QMAILHOME: home, PATH: process.env['PATH'] ?? '' },
    stdio: ['pipe', 'ignore', 'inherit', 'pipe'],
  });
  child.stdin?.end('go\n');
  const output = child.stdio[3];
  ok(output !== null && output !== undefined && 'setEncoding' in output);
  const [text] = await once(output, 'data');
  strictEqual(String(text), '54\n');
});
