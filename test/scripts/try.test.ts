/** scripts/try, as a newcomer runs it. */
import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { top } from '../support/top.ts';

const running = new Set<ChildProcess>();

after(() => {
  for (const child of running) child.kill('SIGTERM');
});

interface Try {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Resolves with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Resolves when it has said this. */
  says(text: string): Promise<void>;
}

/** Started as a terminal starts it: a process group of its own. */
function startTry(...args: readonly string[]): Try {
  const child = spawn('scripts/try', args, { cwd: top, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  let look = () => {};
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    look();
    return code ?? signal;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('latin1');
      look();
    });
  }
  return {
    child,
    output: () => output,
    ended,
    says: (text) =>
      new Promise((resolve, reject) => {
        look = () => {
          if (output.includes(text)) resolve();
          else if (child.exitCode !== null) reject(new Error(`it ended without "${text}":\n${output}`));
        };
        look();
      }),
  };
}

function hubProcess(output: string): number {
  return Number(/the hub listens on 127\.0\.0\.1:\d+ \(process (\d+)\)/.exec(output)?.[1]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

test('it shows the delivered message, its commands work, another runs beside it, and Ctrl-C ends it', async () => {
  const first = startTry();
  await first.says('the hub runs until Ctrl-C');
  const output = first.output();
  match(output, /^try: delivered: var/m);
  match(output, /^ {4}Delivered-To: you@hub\.example$/m);
  match(output, /^ {4}Received: from unknown \(127\.0\.0\.1\)\n {4} {2}by hub\.example with QMQP;/m);
  match(output, /^ {4}Subject: the first message/m);

  const commands = output.split('\n').filter((line) => line.startsWith('  ') && !line.startsWith('    '));
  strictEqual(commands.length, 3);
  for (const command of commands) execFileSync('sh', ['-c', command], { cwd: top });

  const second = startTry('--once');
  strictEqual(await second.ended, 0, second.output());
  match(second.output(), /^try: delivered: var/m);
  notStrictEqual(/^try: state: (.*)$/m.exec(second.output())?.[1], /^try: state: (.*)$/m.exec(output)?.[1]);
  strictEqual(isAlive(hubProcess(second.output())), false);

  ok(isAlive(hubProcess(output)));
  process.kill(-(first.child.pid ?? 0), 'SIGINT');
  strictEqual(await first.ended, 130);
  match(first.output(), /try: stopping the hub\n$/);
  strictEqual(isAlive(hubProcess(output)), false);
});

test('a wrong call is refused before anything is done', async () => {
  const wrong = startTry('--twice');
  deepStrictEqual([await wrong.ended, wrong.output()], [64, 'usage: scripts/try [--once]\n']);
});
