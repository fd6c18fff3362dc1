/**
 * Node's own options are not reachable from outside: an executable does what its program does, whatever the
 * environment says to Node and whatever the arguments would mean to it.
 *
 * An argv[0] that begins with - is the exception: Node reads it as an option before anything can stop it. Whoever can
 * choose a program's argv[0] starts it with their own rights, so no executable here is ever to be set-id.
 */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { builtExecutable } from '../support/executables.ts';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';

const home = temporaryHome();
const directory = temporaryDirectory();
const evil = join(directory, 'evil.cjs');
writeFileSync(evil, `require('node:fs').writeFileSync(${JSON.stringify(join(directory, 'was-here'))}, '');`);
const opensslConfiguration = join(directory, 'openssl.cnf');
writeFileSync(opensslConfiguration, 'openssl_conf = nonsense\n[nonsense]\nengines = broken\n');

interface Observed {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  name: 'mini-qmail' | 'mini-qmail-satellite',
  args: readonly string[],
  env: Record<string, string>,
): Observed {
  const { status, stdout, stderr } = spawnSync(builtExecutable(name), args, {
    env: { QMAILHOME: home, ...env },
    encoding: 'utf8',
    input: '',
    cwd: directory,
  });
  return { status, stdout, stderr };
}

const variables: readonly (readonly [name: string, value: string])[] = [
  ['NODE_OPTIONS', `--require=${evil}`],
  ['NODE_OPTIONS', '--inspect=127.0.0.1:0'],
  ['NODE_OPTIONS', '--no-such-option'],
  ['NODE_OPTIONS', '--version'],
  ['NODE_REPL_EXTERNAL_MODULE', evil],
  ['NODE_V8_COVERAGE', join(directory, 'coverage')],
  ['NODE_COMPILE_CACHE', join(directory, 'cache')],
  ['NODE_DEBUG_NATIVE', 'all'],
  ['NODE_REDIRECT_WARNINGS', join(directory, 'warnings')],
  ['NODE_PATH', directory],
  ['NODE_EXTRA_CA_CERTS', evil],
  ['NODE_USE_SYSTEM_CA', '1'],
  ['NODE_ICU_DATA', directory],
  ['NODE_PENDING_DEPRECATION', '1'],
  ['NODE_TEST_CONTEXT', 'child-v8'],
  ['NODE_UNIQUE_ID', '1'],
  ['NODE_CHANNEL_FD', '77'],
  ['OPENSSL_CONF', opensslConfiguration],
  ['SSL_CERT_FILE', evil],
];

for (const name of ['mini-qmail', 'mini-qmail-satellite'] as const) {
  test(`${name}: the environment changes nothing`, () => {
    const before = readdirSync(directory).sort();
    const plain = run(name, ['qmail-showctl'], {});
    deepStrictEqual([plain.status, plain.stderr], [0, '']);
    for (const [variable, value] of variables) {
      deepStrictEqual(run(name, ['qmail-showctl'], { [variable]: value }), plain, `${variable}=${value}`);
    }
    deepStrictEqual(readdirSync(directory).sort(), before);
  });
}

test('no thread reads certificates beside a hub that begins, and that closes what was left open for it', () => {
  const pipe = join(directory, 'nobody-writes');
  strictEqual(spawnSync('mkfifo', [pipe]).status, 0);
  const { signal } = spawnSync(builtExecutable('mini-qmail'), ['qmail-start', '--metrics', 'nowhere'], {
    env: { QMAILHOME: home, NODE_EXTRA_CA_CERTS: pipe },
    stdio: 'ignore',
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  strictEqual(signal, null);
});

test('what Node would take for an option is an argument like any other', () => {
  const options = [
    '--inspect',
    '-e',
    '-r',
    '-p',
    '--eval',
    '--version',
    '-v',
    '--test',
    '--run',
    '--build-sea=x',
    '-',
  ];
  for (const option of options) {
    const first = run('mini-qmail-satellite', [option, evil], {});
    strictEqual(first.stderr.split('\n')[0], `mini-qmail: there is no program ${option}`);
    strictEqual(first.status, 100);
    const second = run('mini-qmail-satellite', ['qmail-showctl', option, evil], {});
    deepStrictEqual([second.status, second.stdout], [100, ''], option);
  }
  strictEqual(readdirSync(directory).includes('was-here'), false);
});

test('a Node process that gives its children a channel gets an ordinary child', async () => {
  const child = spawn(builtExecutable('mini-qmail-satellite'), ['qmail-showctl'], {
    env: { QMAILHOME: home },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  deepStrictEqual(await once(child, 'exit'), [0, null]);
});
