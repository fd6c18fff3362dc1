/** qmail-collectd as a process: by itself, on a socket that listens already, and callers of every kind. */
import { match, ok, strictEqual } from 'node:assert/strict';
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';
import { scriptedHub } from '../support/scripted-hub.ts';

const children = new Set<ChildProcess>();

after(() => {
  for (const child of children) child.kill('SIGKILL');
});

const takingHub = () =>
  scriptedHub(async (connection) => {
    await connection.request();
    connection.send('11:Kok 1 qp 42,');
    connection.close();
  });

interface Given {
  readonly home: string;
  readonly args?: readonly string[];
  readonly descriptors?: readonly number[];
}

async function start({ home, args = [], descriptors = [] }: Given) {
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', ...descriptors];
  const child = spawn(process.execPath, [satelliteMain, 'qmail-collectd', ...args], {
    env: { PATH: '/usr/bin:/bin', QMAILHOME: home },
    stdio,
  });
  children.add(child);
  const ended = once(child, 'close').then(([code]): number => code);
  const { stdout } = child;
  if (stdout === null) throw new Error('no output');
  const [line] = await once(createInterface({ input: stdout }), 'line');
  match(line, /^listening collector .*\/intake$/);
  return { child, ended };
}

function send(directory: string) {
  return runProgram({
    program: 'sendmail',
    args: ['you@hub.example'],
    env: { QMAILHOME: temporaryHome({ me: 'box.example\n', collector: `${directory}\n` }) },
    stdin: 'Subject: x\n\nbody\n',
    main: satelliteMain,
  });
}

test('a message goes through it to the hub, with the uid of who sent it', async () => {
  const hub = await takingHub();
  const directory = temporaryDirectory();
  const home = temporaryHome({ qmqpservers: `${hub.text}\n`, collector: `${directory}\n` });
  const { child } = await start({ home });
  const sent = await send(directory);
  strictEqual(sent.stderr, '');
  strictEqual(sent.exit, 0);
  match(
    hub.received[0] ?? '',
    new RegExp(`Received: \\(qmail \\d+ invoked by uid ${process.getuid?.()}\\); `),
  );
  const second = await runProgram({
    program: 'qmail-collectd',
    args: [directory],
    env: { QMAILHOME: home },
    main: satelliteMain,
  });
  strictEqual(second.exit, 111);
  match(second.stderr, /another collector listens in/);
  // Killed, it leaves a socket behind, which keeps nobody from starting again.
  child.kill('SIGKILL');
  await once(child, 'close');
  strictEqual((await send(directory)).exit, 75);
  await start({ home });
  strictEqual((await send(directory)).exit, 0);
});

test('what no hub takes is in its spool, and the caller is told of success; without one, to try again', async () => {
  const directory = temporaryDirectory();
  const controls = { qmqpservers: '127.0.0.1:1\n', collector: `${directory}\n` };
  const { child } = await start({ home: temporaryHome(controls) });
  const refused = await send(directory);
  strictEqual(refused.exit, 75);
  match(refused.stderr, /127\.0\.0\.1:1/);
  child.kill();
  await once(child, 'close');
  await start({ home: temporaryHome({ ...controls, spool: 'spool\n', spoolfree: '0\n' }) });
  strictEqual((await send(directory)).exit, 0);
});

test('on a socket that listens already it ends when nobody calls, and the next call starts it again', async () => {
  const hub = await takingHub();
  const directory = temporaryDirectory();
  const home = temporaryHome({ qmqpservers: `${hub.text}\n` });
  const parent = createServer();
  await new Promise<void>((resolve) => {
    parent.listen(`${directory}/made`, resolve);
  });
  const handle: unknown = Reflect.get(parent, '_handle');
  const descriptor = Number(handle instanceof Object ? Reflect.get(handle, 'fd') : -1);
  // Closing would remove the path, and the parent would accept if it did not; the holder keeps the socket, as systemd does.
  renameSync(`${directory}/made`, `${directory}/intake`);
  const holder = spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore', descriptor] });
  children.add(holder);
  const script = `LISTEN_PID=$$ LISTEN_FDS=1 exec '${process.execPath}' '${satelliteMain}' qmail-collectd --idle 1s '${directory}'`;
  const run = () => {
    const child = spawn('sh', ['-c', script], {
      env: { PATH: '/usr/bin:/bin', QMAILHOME: home },
      stdio: ['ignore', 'ignore', 'inherit', descriptor],
    });
    children.add(child);
    return once(child, 'close').then(([code]): number => code);
  };
  const first = run();
  const second = run();
  parent.close();
  ok((await Promise.all([send(directory), send(directory)])).every(({ exit }) => exit === 0));
  strictEqual(await first, 0);
  strictEqual(await second, 0);
  strictEqual(hub.received.length, 2);
});

test('calls that make no sense', async () => {
  const env = { QMAILHOME: temporaryHome({}) };
  for (const [args, exit, said] of [
    [[], 100, /name it, or write it into control\/collector/],
    [['a', 'b'], 100, /usage/i],
    [['--idle', 'soon', '/tmp'], 100, /soon is no time/],
    [['--descriptor', '1', '/tmp'], 100, /1 is no descriptor/],
    [['--descriptor', '99', temporaryDirectory()], 111, /fatal: /],
    [[`${temporaryDirectory()}/missing`], 111, /ENOENT/],
  ] as const) {
    const ended = await runProgram({ program: 'qmail-collectd', args, env, main: satelliteMain });
    strictEqual(ended.exit, exit, ended.stderr);
    match(ended.stderr, said);
  }
});
