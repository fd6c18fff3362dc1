import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import {
  type ChainSession,
  type PopupConnectionOptions,
  popupLimits,
  servePopup,
} from '../../../src/serve/index.ts';
import { bytesOf, textOf } from '../../../src/system/index.ts';
import { identityOf } from '../../support/identity.ts';
import { allCuts } from '../../support/pieces.ts';
import { pop3Client } from '../../support/pop3-client.ts';
import { socketPair } from '../../support/socket-pair.ts';

const limits = { ...popupLimits, failureMs: 0 };

const open = new Set<Socket>();

after(() => {
  for (const socket of open) socket.destroy();
});

interface Served {
  readonly client: ReturnType<typeof pop3Client>;
  readonly ending: Promise<string>;
  readonly lines: readonly string[];
  readonly logins: readonly string[];
}

/** A session that says what it is told to, and `+OK bye` to QUIT. */
function session(first: string | undefined, end: number | string = 0): ChainSession {
  const input = new PassThrough();
  const output = new PassThrough();
  if (first === undefined) output.end();
  else output.write(first);
  let said = '';
  input.setEncoding('latin1').on('data', (text: string) => {
    output.write(said === '' || said.endsWith('\n') ? `you said ${text}` : text);
    said += text;
    if (said.endsWith('QUIT\r\n')) output.end('+OK bye\r\n');
  });
  return { input, output, ended: Promise.resolve(end), kill: () => output.destroy() };
}

async function serve(
  more: Partial<PopupConnectionOptions> = {},
  begin: () => ChainSession = () => session('+OK hello\r\n'),
): Promise<Served> {
  const [far, near] = await socketPair({ allowHalfOpen: true });
  open.add(far).add(near);
  const lines: string[] = [];
  const logins: string[] = [];
  const ending = servePopup(near, {
    implicitTls: false,
    secureContext: () => undefined,
    plainAllowed: true,
    timestamp: '<1.2@ref.test>',
    remoteIp: '192.0.2.7',
    limits,
    log: (line) => lines.push(line),
    async openChain(login, ip) {
      logins.push(`${textOf(login)} ${ip}`);
      return begin();
    },
    ...more,
  });
  return { client: pop3Client(far), ending, lines, logins };
}

async function context() {
  const pem = await identityOf('hub');
  return createSecureContext({ key: pem, cert: pem });
}

test('a login, and a session to its last word', async () => {
  const { client, ending, lines, logins } = await serve();
  strictEqual(await client.line(), '+OK <1.2@ref.test>');
  strictEqual(await client.ask('USER joe'), '+OK ');
  strictEqual(await client.ask('PASS secret word'), '+OK hello');
  strictEqual(await client.ask('STAT'), 'you said STAT');
  client.say('QUIT');
  strictEqual(await client.line(), 'you said QUIT');
  strictEqual(await client.line(), '+OK bye');
  strictEqual(await client.line(), undefined);
  strictEqual(await ending, 'session');
  deepStrictEqual(logins, ['joe\0secret word\0<1.2@ref.test>\0 192.0.2.7']);
  deepStrictEqual(lines, ['pop3: peer=192.0.2.7 user=joe tls=no login=ok']);
});

test('the same however what is said is cut, and what is said ahead goes to the session', async () => {
  for (const pieces of allCuts(bytesOf('USER joe\r\nPASS x\r\nQUIT\r\n'))) {
    const { client, ending, logins } = await serve();
    for (const piece of pieces) {
      client.stream.write(piece);
      await new Promise(setImmediate);
    }
    let said = '';
    for (let line = await client.line(); line !== undefined; line = await client.line()) said += `${line}\n`;
    match(said, /^\+OK <1.2@ref.test>\n\+OK \n\+OK hello\n.*\+OK bye\n$/s);
    strictEqual(await ending, 'session');
    deepStrictEqual(logins, ['joe\0x\0<1.2@ref.test>\0 192.0.2.7']);
  }
});

test('who is refused, and who cannot be checked', async () => {
  for (const [end, answer, log] of [
    [1, '-ERR [AUTH] authorization failed', /login=refused$/],
    [111, '-ERR [SYS/TEMP] authorization failed', /login=failed \(exit code 111\)$/],
    ['SIGKILL', '-ERR [SYS/TEMP] authorization failed', /login=failed \(SIGKILL\)$/],
  ] as const) {
    const { client, ending, lines } = await serve({}, () => session(undefined, end));
    await client.line();
    await client.ask('USER j\x1boe');
    strictEqual(await client.ask('PASS secret'), answer);
    strictEqual(await client.line(), undefined);
    strictEqual(await ending, 'refused');
    match(lines.join('\n'), log);
    ok(!lines.join('\n').includes('secret') && !lines.join('\n').includes('\x1b'));
  }
  const none = await serve({ openChain: () => Promise.reject(new Error('no program')) });
  await none.client.line();
  await none.client.ask('USER joe');
  strictEqual(await none.client.ask('PASS x'), '-ERR [SYS/TEMP] authorization failed');
  const long = await serve();
  await long.client.line();
  await long.client.ask(`USER ${'x'.repeat(300)}`);
  strictEqual(await long.client.ask(`PASS ${'x'.repeat(300)}`), '-ERR [AUTH] authorization failed');
  deepStrictEqual(long.logins, []);
});

test('a check that hangs is ended', async () => {
  let killed = false;
  const hanging: ChainSession = {
    input: new PassThrough(),
    output: new PassThrough(),
    ended: new Promise(() => undefined),
    kill: () => {
      killed = true;
    },
  };
  const { client, ending } = await serve({ limits: { ...limits, loginMs: 10 } }, () => hanging);
  await client.line();
  await client.ask('USER joe');
  strictEqual(await client.ask('PASS x'), '-ERR [SYS/TEMP] authorization failed');
  strictEqual(await ending, 'refused');
  ok(killed);
});

test('STLS, after which a password may come', async () => {
  const secure = await context();
  const { client, ending, lines } = await serve({ secureContext: () => secure, plainAllowed: false });
  await client.line();
  match(String(await client.ask('USER joe')), /^-ERR .*STLS/);
  strictEqual(await client.ask('STLS'), '+OK ');
  const inside = await client.startTls();
  strictEqual(await inside.ask('PASS x'), '-ERR USER first');
  strictEqual(await inside.ask('USER joe'), '+OK ');
  strictEqual(await inside.ask('PASS x'), '+OK hello');
  inside.say('QUIT');
  strictEqual(await inside.line(), 'you said QUIT');
  strictEqual(await inside.line(), '+OK bye');
  strictEqual(await ending, 'session');
  deepStrictEqual(lines, ['pop3: peer=192.0.2.7 user=joe tls=yes login=ok']);
});

test("STARTTLS injection (CVE-2011-0411): what was sent ahead of TLS is nobody's command", async () => {
  const secure = await context();
  const { client, ending, logins } = await serve({ secureContext: () => secure });
  await client.line();
  client.stream.write('STLS\r\nUSER joe\r\nPASS x\r\n');
  let said = '';
  for (let line = await client.line(); line !== undefined; line = await client.line()) said += line;
  ok(!said.includes('hello'));
  strictEqual(await ending, 'tls');
  deepStrictEqual(logins, []);
});

test('TLS from the first byte on, and somebody who does not speak it', async () => {
  const secure = await context();
  const { client, ending } = await serve({ implicitTls: true, secureContext: () => secure });
  const inside = await client.startTls();
  strictEqual(await inside.line(), '+OK <1.2@ref.test>');
  strictEqual(await inside.ask('QUIT'), '+OK ');
  inside.close();
  strictEqual(await ending, 'quit');
  const plain = await serve({ implicitTls: true, secureContext: () => secure });
  plain.client.say('QUIT');
  strictEqual(await plain.ending, 'tls');
  match(plain.lines.join('\n'), /TLS failed/);
  const none = await serve({ implicitTls: true });
  strictEqual(await none.ending, 'tls');
  match(none.lines.join('\n'), /there is no certificate/);
});

test('the time until the login, and nonsense, have limits', async () => {
  const slow = await serve({ limits: { ...limits, authorizationMs: 20 } });
  strictEqual(await slow.client.line(), '+OK <1.2@ref.test>');
  strictEqual(await slow.client.line(), '-ERR that took too long');
  strictEqual(await slow.ending, 'timeout');
  const { client, ending } = await serve();
  for (let time = 0; time < 1000; time += 1) client.say('x'.repeat(600));
  let lines = 0;
  while ((await client.line()) !== undefined) lines += 1;
  strictEqual(lines, 1 + limits.errorsMax);
  strictEqual(await ending, 'errors');
});

test('a client that goes away without a word', async () => {
  const { client, ending } = await serve();
  client.close();
  strictEqual(await ending, 'closed');
});
