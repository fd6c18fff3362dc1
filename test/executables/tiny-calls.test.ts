/** What the native satellite asks of the kernel, and that no variable of the environment decides what is executed. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needs } from '../support/foreign.ts';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';
import { tinyExecutable, tinyMissing } from '../support/tiny-body.ts';
import { type Traced, traced } from '../support/traced.ts';

/** Each with its reason. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'to begin and to end': [
    'execve',
    'arch_prctl',
    'set_tid_address',
    'exit_group',
    'rt_sigaction',
    'rt_sigprocmask',
  ],
  'memory, and the addresses in an executable that may lie anywhere': [
    'brk',
    'mmap',
    'munmap',
    'mremap',
    'madvise',
    'mprotect',
  ],
  'descriptors and files': [
    'fcntl',
    'open',
    'close',
    'read',
    'readv',
    'pread64',
    'write',
    'pwrite64',
    'lseek',
    'ioctl',
  ],
  'the spool': [
    'stat',
    'lstat',
    'fstat',
    'newfstatat',
    'rename',
    'unlink',
    'mkdir',
    'chmod',
    'fchown',
    'fsync',
    'flock',
    'statfs',
    'getdents64',
  ],
  'hubs and name servers': ['socket', 'setsockopt', 'getsockopt', 'connect', 'poll', 'socketpair'],
  'who and when': ['getpid', 'getuid', 'getrandom', 'clock_gettime', 'gettimeofday'],
  'programs in the place of the queue or before a hub': ['clone', 'vfork', 'wait4', 'kill', 'pipe2'],
};

const skip =
  tinyMissing || needs('strace').skip || (process.arch !== 'x64' && 'the calls of x86-64 are listed');

const message = 'From: me@ref.test\nTo: you@hub.example\n\nHello\n';

/** A home with a spool and no hub that answers. */
function spooling(more: Readonly<Record<string, string>> = {}): string {
  const spool = temporaryDirectory();
  for (const part of ['queue', 'failed', 'hubs'])
    mkdirSync(join(spool, part), { recursive: true, mode: 0o700 });
  return temporaryHome({ me: 'ref.test\n', qmqpservers: '127.0.0.1:1\n', spool: `${spool}\n`, ...more });
}

function strangers({ calls }: Traced): readonly string[] {
  const all = Object.values(allowed).flat();
  return calls.filter((call) => !all.includes(call));
}

test('no program makes a system call that is not on the list', { skip }, () => {
  const home = spooling();
  const run = (...args: readonly string[]) =>
    traced([tinyExecutable, ...args], { input: message, env: { QMAILHOME: home } });
  const runs = [
    run('sendmail', '-t', '-i'),
    run('sendmail', '-bp'),
    run('qmail-inject', '-n'),
    run('qmail-flush'),
    run('qmail-flush', '--check'),
    run('mailq'),
    run('newaliases'),
    run('qmail-showctl'),
    run('maildirmake', `${home}/box`),
    run('qmail-enroll'),
    run('sendmail', '--help'),
    run('predate', 'sh', '-c', 'cat >/dev/null'),
  ];
  deepStrictEqual(runs.flatMap(strangers), []);
  const [sent, , , flushed] = runs;
  strictEqual(sent?.status, 0);
  ok(sent?.calls.includes('fsync') && flushed?.calls.includes('flock'));
});

test('a name and a program in the place of the queue, too', { skip }, () => {
  const home = spooling({ qmqpservers: 'hub.invalid\n' });
  const env = { QMAILHOME: home };
  const named = traced([tinyExecutable, 'sendmail', '-t'], { input: message, env });
  const program = traced([tinyExecutable, 'sendmail', '-t'], {
    input: message,
    env: { ...env, QMAILQUEUE: '/bin/true' },
  });
  deepStrictEqual([...strangers(named), ...strangers(program)], []);
  ok(program.calls.includes('wait4'));
});

test('no variable makes it execute or read anything else', { skip }, () => {
  const home = spooling();
  const evil = temporaryDirectory();
  writeFileSync(join(evil, 'evil.so'), '');
  const odd = {
    ...{
      LD_PRELOAD: join(evil, 'evil.so'),
      LD_LIBRARY_PATH: evil,
      LD_AUDIT: join(evil, 'evil.so'),
      LD_DEBUG: 'all',
    },
    ...{
      PATH: evil,
      IFS: '/',
      ENV: join(evil, 'rc'),
      BASH_ENV: join(evil, 'rc'),
      MALLOC_CONF: 'x',
      MALLOC_TRACE: evil,
    },
    ...{
      NODE_OPTIONS: '--require=/x',
      QUICKJS_PATH: evil,
      GCONV_PATH: evil,
      NLSPATH: evil,
      MUSL_LOCPATH: evil,
    },
    ...{
      LOCALDOMAIN: 'evil.example',
      RES_OPTIONS: 'ndots:9',
      HOSTALIASES: join(evil, 'hosts'),
      LANG: 'xx_XX',
      LC_ALL: 'xx_XX',
    },
  };
  const run = (env: Readonly<Record<string, string>>) =>
    traced([tinyExecutable, 'sendmail', '-t', '-i'], { input: message, env: { QMAILHOME: home, ...env } });
  // Names within the spool are random.
  const shape = ({ lines }: Traced) =>
    lines
      .map((line) => /^(?:execve|open|stat|lstat|readlink|access|clone|vfork)\("([^"]*)/.exec(line)?.[1])
      .filter((path) => path !== undefined)
      .map((path) => path.replace(/(\/(queue|tally)\/).*/, '$1'));
  deepStrictEqual(shape(run(odd)), shape(run({})));
});
