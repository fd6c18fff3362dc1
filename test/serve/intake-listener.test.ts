import { deepStrictEqual, match, rejects, strictEqual } from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { findAccount } from '../../src/process/index.ts';
import {
  type IntakeListener,
  listenIntake,
  type QmqpServerLimits,
  qmqpServerLimits,
} from '../../src/serve/index.ts';
import { openProofs } from '../../src/serve/proofs.ts';
import { temporaryDirectory } from '../support/home.ts';
import { isRoot } from '../support/hub-home.ts';
import { type MemoryIntake, type MemoryIntakeBehaviour, memoryIntake } from '../support/memory-intake.ts';
import { qmqpRequest } from '../support/qmqp-peer.ts';

const onlyRoot = isRoot ? false : 'only root can give files away';

const ownUid = process.getuid?.() ?? 0;

const request = qmqpRequest('Subject: q\n\nbody\n', 's@x', 'a@b', 'c@d');

interface Intake {
  readonly directory: string;
  readonly proofs: string;
  readonly memory: MemoryIntake;
  readonly listener: IntakeListener;
  readonly log: string[];
}

interface Options extends MemoryIntakeBehaviour {
  readonly limits?: Partial<QmqpServerLimits>;
  readonly aliasUid?: number;
  readonly directory?: string;
}

async function openIntake(context: TestContext, options: Options = {}): Promise<Intake> {
  const directory = options.directory ?? temporaryDirectory();
  const memory = memoryIntake(options);
  const log: string[] = [];
  const listener = await listenIntake({
    directory,
    proofs: openProofs(directory, (line) => log.push(line)),
    intake: memory,
    aliasUid: options.aliasUid,
    ...(options.limits === undefined ? {} : { limits: { ...qmqpServerLimits, ...options.limits } }),
    log: (line) => log.push(line),
  });
  context.after(() => listener.close(0));
  return { directory, proofs: `${directory}/proof`, memory, listener, log };
}

interface Caller {
  readonly socket: Socket;
  /** The name that the server gave, or '' when it gave none. */
  readonly nonce: string;
  /** What the server says behind its greeting, until it closes. */
  readonly reply: Promise<string>;
}

async function call({ directory }: Intake): Promise<Caller> {
  const socket = connect({ path: `${directory}/intake`, allowHalfOpen: true });
  // A reset ends the reply as a close does.
  socket.on('error', () => {});
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  const greeting = () => /^32:([0-9a-f]{32}),/.exec(text);
  socket.on('end', () => {
    socket.end();
    resolve(greeting() === null ? text : text.slice(36));
  });
  while (text.length < 36 && !socket.readableEnded) {
    await Promise.race([once(socket, 'data'), once(socket, 'end')]);
  }
  return { socket, nonce: greeting()?.[1] ?? '', reply: promise };
}

function makeProof(path: string): void {
  closeSync(openSync(path, 'wx', 0o400));
}

/** Calls, makes what is to prove who calls, and submits. */
async function submit(intake: Intake, prove: (path: string) => unknown): Promise<string> {
  const { socket, nonce, reply } = await call(intake);
  await prove(`${intake.proofs}/${nonce}`);
  socket.write(request);
  return await reply;
}

test('the caller of a message is the owner of its proof, which is gone afterwards', async (context) => {
  const intake = await openIntake(context);
  strictEqual(await submit(intake, makeProof), '8:Kok qp 1,');
  deepStrictEqual(intake.memory.messages, [
    {
      origin: { caller: ownUid, host: '' },
      text: 'Subject: q\n\nbody\n',
      envelope: { sender: 's@x', recipients: ['a@b', 'c@d'] },
    },
  ]);
  deepStrictEqual(readdirSync(intake.proofs), []);
  deepStrictEqual(intake.log, []);
});

test('anybody may call and make a proof; nobody may see or remove another’s', async (context) => {
  const { directory, proofs } = await openIntake(context);
  strictEqual(lstatSync(`${directory}/intake`).mode & 0o7777, 0o666);
  strictEqual(lstatSync(proofs).mode & 0o7777, 0o1733);
});

test('another user is told from this one, and alias has its name', { skip: onlyRoot }, async (context) => {
  const { uid } = findAccount('nobody');
  const proveNobody = (path: string) => {
    makeProof(path);
    chownSync(path, uid, 0);
  };
  const intake = await openIntake(context);
  strictEqual(await submit(intake, proveNobody), '8:Kok qp 1,');
  strictEqual(intake.memory.messages[0]?.origin.caller, uid);
  const other = await openIntake(context, { aliasUid: uid });
  strictEqual(await submit(other, proveNobody), '8:Kok qp 1,');
  strictEqual(other.memory.messages[0]?.origin.caller, 'alias');
});

test('each caller gets a name of its own', async (context) => {
  const intake = await openIntake(context);
  const callers = await Promise.all(Array.from({ length: 20 }, () => call(intake)));
  strictEqual(new Set(callers.map((caller) => caller.nonce)).size, 20);
  for (const { socket } of callers) socket.destroy();
});

const forgeries: Readonly<Record<string, (path: string, victim: string) => unknown>> = {
  'no proof at all': () => undefined,
  'a symbolic link to a file': (path, victim) => symlinkSync(victim, path),
  'a symbolic link to nothing': (path) => symlinkSync('/nonexistent/file', path),
  'a hard link': (path, victim) => linkSync(victim, path),
  'a file that somebody wrote, moved there': (path, victim) => renameSync(victim, path),
  'an empty file that others may read': (path) => writeFileSync(path, '', { mode: 0o444 }),
  'a directory': (path) => mkdirSync(path, { mode: 0o400 }),
  'a pipe': (path) => execFileSync('mkfifo', ['-m', '400', path]),
};

for (const [what, forge] of Object.entries(forgeries)) {
  test(`${what} proves nobody: Z, and nothing is queued`, async (context) => {
    const intake = await openIntake(context);
    const victim = `${temporaryDirectory()}/victim`;
    writeFileSync(victim, 'precious', { mode: 0o600 });
    match(await submit(intake, (path) => forge(path, victim)), /^\d+:Z.*who.*,$/);
    strictEqual(intake.memory.begun, 0);
    deepStrictEqual(intake.memory.messages, []);
    if (existsSync(victim)) strictEqual(readFileSync(victim, 'latin1'), 'precious');
    strictEqual(intake.log.length, 1);
    match(intake.log[0] ?? '', /^qmqpd: peer=local verdict=Z text=/);
    // The next caller is served.
    strictEqual(await submit(intake, makeProof), '8:Kok qp 1,');
  });
}

test('a proof serves one message, and the one whose name it bears', async (context) => {
  const intake = await openIntake(context);
  const first = await call(intake);
  const second = await call(intake);
  // The second caller proves itself under the first one's name, which proves nothing for the second.
  makeProof(`${intake.proofs}/${first.nonce}`);
  second.socket.write(request);
  match(await second.reply, /^\d+:Z/);
  first.socket.write(request);
  strictEqual(await first.reply, '8:Kok qp 1,');
  // A name that has served is worth nothing to a third.
  const third = await call(intake);
  makeProof(`${intake.proofs}/${first.nonce}`);
  third.socket.write(request);
  match(await third.reply, /^\d+:Z/);
  strictEqual(intake.memory.messages.length, 1);
});

test('a second request on the same connection is not looked at', async (context) => {
  const intake = await openIntake(context);
  const { socket, nonce, reply } = await call(intake);
  makeProof(`${intake.proofs}/${nonce}`);
  socket.write(request + request);
  strictEqual(await reply, '8:Kok qp 1,');
  strictEqual(intake.memory.begun, 1);
});

test('a caller that says nothing, or not all, leaves nothing behind', async (context) => {
  const intake = await openIntake(context);
  (await call(intake)).socket.end();
  const { socket, nonce, reply } = await call(intake);
  makeProof(`${intake.proofs}/${nonce}`);
  socket.end(request.slice(0, -1));
  strictEqual(await reply, '');
  deepStrictEqual([intake.memory.begun, intake.memory.aborted], [1, 1]);
});

test('what the queue answers is the reply', async (context) => {
  const answers = [
    { verdict: 'Z', text: 'disk full' },
    { verdict: 'D', text: 'no' },
  ] as const;
  for (const answer of answers) {
    const intake = await openIntake(context, { answer: () => answer });
    const { verdict, text } = answer;
    strictEqual(await submit(intake, makeProof), `${text.length + 1}:${verdict}${text},`);
  }
});

test('an address may be as long as qmail-queue lets it be, and no longer', async (context) => {
  const intake = await openIntake(context);
  const send = async (recipient: string) => {
    const { socket, nonce, reply } = await call(intake);
    makeProof(`${intake.proofs}/${nonce}`);
    socket.write(qmqpRequest('m', 's', recipient));
    return await reply;
  };
  strictEqual(await send('r'.repeat(1002)), '8:Kok qp 1,');
  match(await send('r'.repeat(1003)), /^\d+:D.*\(#5\.1\.3\),$/);
});

test('callers beyond the limit are told so in place of a name', async (context) => {
  const intake = await openIntake(context, { limits: { connectionsMax: 2, connectionsPerPeerMax: 2 } });
  const callers = [await call(intake), await call(intake)];
  const refused = await call(intake);
  strictEqual(refused.nonce, '');
  match(await refused.reply, /^\d+:Ztoo many connections.*,$/);
  for (const { socket } of callers) socket.destroy();
  strictEqual(intake.memory.begun, 0);
});

test('all callers are of one host: what one peer may have does not limit them', async (context) => {
  const intake = await openIntake(context);
  const callers = await Promise.all(
    Array.from({ length: qmqpServerLimits.connectionsPerPeerMax + 1 }, () => call(intake)),
  );
  strictEqual(callers.at(-1)?.nonce.length, 32);
  for (const { socket } of callers) socket.destroy();
});

test('a caller that is silent is told so in the end', async (context) => {
  const intake = await openIntake(context, { limits: { idleMs: 20 } });
  const { reply } = await call(intake);
  match(await reply, /^\d+:Z.*\(#4\.4\.2\),$/);
});

test('a listener that closes finishes what has begun, and says so to the others', async (context) => {
  const intake = await openIntake(context);
  const silent = await call(intake);
  const busy = await call(intake);
  makeProof(`${intake.proofs}/${busy.nonce}`);
  busy.socket.write(request.slice(0, 10));
  while (intake.memory.begun === 0) await new Promise(setImmediate);
  const closed = intake.listener.close();
  match(await silent.reply, /^\d+:Z.*shutting down.*,$/);
  busy.socket.write(request.slice(10));
  strictEqual(await busy.reply, '8:Kok qp 1,');
  await closed;
  strictEqual(existsSync(`${intake.directory}/intake`), false);
});

test('a start removes what a dead hub and its callers left', async (context) => {
  const directory = temporaryDirectory();
  mkdirSync(`${directory}/proof/sub/sub`, { recursive: true });
  makeProof(`${directory}/proof/${'a'.repeat(32)}`);
  symlinkSync('/etc/passwd', `${directory}/proof/link`);
  const child = spawn(process.execPath, [
    '-e',
    `require('node:net').createServer().listen('${directory}/intake', () => console.log('up'))`,
  ]);
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  strictEqual(lstatSync(`${directory}/intake`).isSocket(), true);
  const intake = await openIntake(context, { directory });
  deepStrictEqual(readdirSync(intake.proofs), []);
  strictEqual(existsSync('/etc/passwd'), true);
  strictEqual(await submit(intake, makeProof), '8:Kok qp 1,');
});

test('a socket that cannot be made is an error that names it', async () => {
  const directory = `${temporaryDirectory()}/${'d'.repeat(100)}`;
  mkdirSync(directory);
  const proofs = openProofs(directory, () => {});
  const options = { intake: memoryIntake(), proofs, log: () => {} };
  await rejects(listenIntake({ ...options, directory }), { message: /\/intake/ });
});
