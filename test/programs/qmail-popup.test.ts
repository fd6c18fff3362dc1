import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';
import { identityOf } from '../support/identity.ts';
import { connectPop3 } from '../support/pop3-client.ts';
import { runProgram } from '../support/run-program.ts';
import { script } from '../support/script.ts';
import { type Rule, vectors } from '../support/vectors.ts';

interface PopupCase {
  readonly name: string;
  readonly stdin: string;
  readonly child_exit: number;
}

const rules: readonly Rule<PopupCase>[] = [
  {
    reason: 'RFC 3206: a login that cannot be checked now is told from one that is refused',
    applies: ({ child_exit }) => child_exit === 111,
    expect: (_, { stdout }) => ({
      stdout: String(stdout).replace(/-ERR .*\r\n$/, '-ERR [SYS/TEMP] authorization failed\r\n'),
    }),
  },
];

vectors<PopupCase>({
  file: 'popup.json',
  rules,
  async run({ stdin, child_exit }) {
    const file = `${temporaryDirectory()}/fd3`;
    const child = script(`cat <&3 >${file}; exit ${child_exit}`);
    const { exit, stdout, stderr } = await runProgram({
      program: 'qmail-popup',
      args: ['ref.test', child],
      stdin,
      env: { QMAILHOME: temporaryHome() },
    });
    const fd3 = existsSync(file) ? readFileSync(file, 'latin1') : null;
    // What the original does not say is in the log.
    return { exit, stdout, stderr: stderr.replace(/^qmail-popup: pop3: .*\n/gm, ''), fd3 };
  },
});

test('a session on descriptors 0 and 1 goes through to its last word', async () => {
  const child = script(
    'cat <&3 >/dev/null; echo "+OK hello"; while read -r line; do echo "got $line"; done; echo bye',
  );
  const { exit, stdout } = await runProgram({
    program: 'qmail-popup',
    args: ['ref.test', child],
    stdin: 'USER joe\r\nPASS x\r\nSTAT\r\nQUIT\r\n',
    env: { QMAILHOME: temporaryHome() },
  });
  strictEqual(exit, 1);
  match(stdout, /^\+OK <\d+\.\d+@ref\.test>\r\n\+OK \r\n\+OK hello\ngot STAT\r?\ngot QUIT\r?\nbye\n$/);
});

test('a password in the clear is for the loopback, unless it is said that it may come', async () => {
  const run = async (env: Readonly<Record<string, string>>, files = {}) => {
    const home = temporaryHome({ me: 'ref.test\n', ...files });
    const { stdout } = await runProgram({
      program: 'qmail-popup',
      args: ['ref.test', script('echo +OK hello')],
      stdin: 'USER joe\r\nPASS x\r\n',
      env: { QMAILHOME: home, ...env },
    });
    return stdout.includes('hello');
  };
  deepStrictEqual(
    [
      await run({ TCPREMOTEIP: '192.0.2.7' }),
      await run({ TCPREMOTEIP: '127.0.0.1' }),
      await run({ TCPREMOTEIP: '192.0.2.7', PROTO: 'SSL' }),
      await run({ TCPREMOTEIP: '192.0.2.7' }, { popplaintext: '1\n' }),
      await run({}),
    ],
    [false, true, true, true, true],
  );
});

test('it listens, with programs of control files, in the clear and in TLS', async (context) => {
  const home = temporaryHome();
  const program = script('cat <&3 >/dev/null; exec 3<&-; exec "$@"');
  const pop3d = script('echo "+OK $TCPREMOTEIP"; read -r line; echo "got $line"');
  for (const path of [program, pop3d]) chmodSync(path, 0o755);
  writeFileSync(`${home}/control/checkpassword`, `${program}\n`);
  writeFileSync(`${home}/control/pop3d`, `${pop3d}\n`);
  writeFileSync(`${home}/control/servercert.pem`, await identityOf('hub'));
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const args = ['--listen', '127.0.0.1:0', '--secure-listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, [main, 'qmail-popup', ...args], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', QMAILHOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  context.after(() => child.kill('SIGKILL'));
  let log = '';
  child.stderr.setEncoding('latin1').on('data', (text: string) => {
    log += text;
  });
  const ports: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    match(line, ports.length === 0 ? /^listening pop3 127/ : /^listening pop3s 127/);
    ports.push(Number(line.split(':').at(-1)));
    if (ports.length === 2) break;
  }
  for (const [index, how] of (['plain', 'tls'] as const).entries()) {
    const client = await connectPop3(ports[index] ?? 0, how);
    strictEqual(await client.line(), '+OK ');
    strictEqual(await client.ask('USER joe'), '+OK ');
    client.say('PASS x');
    client.say('QUIT');
    let said = '';
    while (!said.includes('got')) said += (await once(client.stream, 'data'))[0];
    strictEqual(said.replaceAll('\r', ''), '+OK 127.0.0.1\ngot QUIT\n');
    client.close();
  }
  child.kill('SIGTERM');
  strictEqual((await once(child, 'exit'))[0], 0);
  match(log, /user=joe tls=no login=ok\n.*user=joe tls=yes login=ok\n/);
});

test('calls that are wrong', async () => {
  const env = { QMAILHOME: temporaryHome() };
  for (const args of [[], ['host'], ['--listen', '127.0.0.1:0', 'host'], ['--x'], ['--spawn']]) {
    const { exit, stderr } = await runProgram({ program: 'qmail-popup', args, env });
    strictEqual(exit, 100, args.join(' '));
    match(stderr, /usage: qmail-popup/);
  }
  const { exit, stderr } = await runProgram({ program: 'qmail-popup', args: ['--listen', 'nowhere'], env });
  strictEqual(exit, 100);
  match(stderr, /nowhere is no ADDRESS:PORT/);
});
