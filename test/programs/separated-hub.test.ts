import { ok, strictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import {
  type SeparatedHub,
  type SeparatedHubOptions,
  separatedHubMissing,
  startSeparatedHub,
} from '../support/separated-hub.ts';
import { until } from '../support/until.ts';

const skip = separatedHubMissing;

async function start(context: TestContext, options: SeparatedHubOptions): Promise<SeparatedHub> {
  const hub = await startSeparatedHub(options);
  context.after(() => hub.close());
  return hub;
}

const message = 'Subject: x\n\nbody\n';

/** The number of the process of that program. */
function pidOf(hub: SeparatedHub, name: string): number {
  const found = hub.processes().find(({ words }) => words[0]?.endsWith(name));
  if (found === undefined) throw new Error(`no ${name}`);
  return found.pid;
}

test('a logger gets all of the log, and ends when the others have', { skip }, async (context) => {
  const args = ['./Maildir/', '/bin/sh', '-c', 'tee /tmp/log; echo the logger is done'];
  const hub = await start(context, { users: ['joe'], args });
  await hub.send('s@x', ['joe@hub.test'], message);
  await hub.line(/^end msg/);
  const startedMs = performance.now();
  strictEqual(await hub.stop(), 0);
  // It was not killed, which would have taken its time and its last words.
  ok(performance.now() - startedMs < 10_000);
  strictEqual(hub.lines.at(-1), 'the logger is done');
});

test('a logger that dies is started again with all others, and that is said where it can be', {
  skip,
}, async (context) => {
  const hub = await start(context, { users: ['joe'], args: ['./Maildir/', '/bin/cat'] });
  const from = hub.lines.length;
  process.kill(pidOf(hub, '/bin/cat'), 'SIGKILL');
  await hub.line(/^alert: \/bin\/cat has ended by SIGKILL; everything is started again$/, from);
  await hub.line(/^status: local/, from);
  await hub.send('s@x', ['joe@hub.test'], message);
  await hub.line(/^end msg/, from);
  strictEqual(await hub.stop(), 0);
});

test('signals go on to qmail-send', { skip }, async (context) => {
  const hub = await start(context, { users: ['joe'] });
  process.kill(hub.pid, 'SIGHUP');
  await hub.line(/control files read again/);
  await hub.send('s@x', ['you@far.example'], message);
  await hub.line(/deferral: Unable_to_connect_to_127\.0\.0\.1:/);
  const from = hub.lines.length;
  process.kill(hub.pid, 'SIGALRM');
  await hub.line(/^starting delivery .* to remote you@far\.example/, from);
  strictEqual(await hub.stop(), 0);
});

test('SIGHUP goes on to the servers, which read their rules again', { skip }, async (context) => {
  const hub = await start(context, { users: ['joe'], args: ['--qmqp', '127.0.0.1:0', './Maildir/'] });
  await hub.host.sh('echo "127.0.0.1:allow" >/var/qmail/control/qmqprules');
  process.kill(hub.pid, 'SIGHUP');
  await hub.line(/qmqprules read again/);
  await hub.host.sh('echo "127.0.0.1 deny" >/var/qmail/control/qmqprules');
  process.kill(hub.pid, 'SIGHUP');
  await hub.line(/rules kept as they were: .*qmqprules/);
  await hub.line(/control files kept as they were: .*qmqprules/);
  strictEqual(await hub.stop(), 0);
});

test('when qmail-start is killed nothing of it stays', { skip }, async (context) => {
  const hub = await start(context, {
    users: ['joe'],
    args: ['--qmqp', '127.0.0.1:0', './Maildir/', '/bin/cat'],
  });
  await hub.send('s@x', ['joe@hub.test'], message);
  await hub.line(/^end msg/);
  const pids = hub.processes().map(({ pid }) => pid);
  ok(pids.length >= 6, String(pids));
  process.kill(hub.pid, 'SIGKILL');
  const isThere = (pid: number) => {
    try {
      return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
    } catch {
      return false;
    }
  };
  await until('the end of all', () => (pids.some(isThere) ? undefined : true));
});
