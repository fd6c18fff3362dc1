import { match, strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { sessionSocketPath } from '../../src/programs/qmail-pspawn.ts';
import { newToken } from '../../src/serve/passwords/check-protocol.ts';
import { makeScryptHash, openCheckLink, packLogin } from '../../src/serve/passwords/index.ts';
import { channelProgramMissing } from '../support/channel-program.ts';
import { hubControls, hubEntry, hubHome, hubUser, isRoot, reachableNode } from '../support/hub-home.ts';
import { runProgram } from '../support/run-program.ts';
import { script } from '../support/script.ts';

const skip = channelProgramMissing;

const joe = { user: 'joe', password: 'secret', timestamp: '' };
const hash = makeScryptHash(joe.password, { ln: 1, r: 1, p: 1 });

/** As an ordinary user; what differs for root is in the tests of the separated hub. */
function start(context: TestContext, controls: Readonly<Record<string, string>> = {}) {
  const user = hubUser();
  const home = hubHome({ ...hubControls, ...controls });
  for (const name of ['users', 'pop3']) mkdirSync(`${home}/${name}`, { mode: 0o755 });
  writeFileSync(`${home}/users/poppasswd`, `joe:${hash}::${home}/home\n`);
  if (isRoot) chownSync(`${home}/pop3`, user.uid, user.gid);
  const child = spawn(reachableNode(user), [hubEntry(user), 'qmail-pspawn', '2'], {
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', QMAILHOME: home },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe', 'pipe'],
    ...(isRoot ? { uid: user.uid, gid: user.gid } : {}),
  });
  context.after(() => child.kill('SIGKILL'));
  const output: string[] = [];
  child.stdout?.setEncoding('latin1').on('data', (text: string) => output.push(text));
  const links = [3, 4].map((descriptor) =>
    openCheckLink({
      socket: child.stdio[descriptor] as Socket,
      log: () => undefined,
      onLost: () => undefined,
    }),
  );
  return { home, child, links, output };
}

test('logins are checked for each server, and all ends with their channels', { skip }, async (context) => {
  const { child, links } = start(context);
  for (const link of links) {
    strictEqual(await link.check(joe, '192.0.2.7'), 'accepted');
    strictEqual(await link.check({ ...joe, password: 'wrong' }, '192.0.2.7'), 'refused');
  }
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  for (const link of links) link.close();
  strictEqual((await ended)[0], 0);
});

test('a session runs the program of the control file, in the home of who logs in', {
  skip,
}, async (context) => {
  const program = script('echo "$USER in $PWD from $TCPREMOTEIP with $1"; read -r line; echo "$line"');
  chmodSync(program.slice(0, program.lastIndexOf('/')), 0o755);
  const { home, links } = start(context, { pop3d: `${program} argument\n` });
  const server = createServer({ allowHalfOpen: true }).listen(sessionSocketPath(home));
  context.after(() => server.close());
  await once(server, 'listening');
  chmodSync(sessionSocketPath(home), 0o777);
  const token = newToken();
  const coming = once(server, 'connection');
  const asked = links[0]?.open(packLogin(joe) ?? new Uint8Array(), '192.0.2.7', token);
  const [socket] = (await coming) as [Socket];
  socket.write('hello\n');
  let text = '';
  for await (const piece of socket.setEncoding('latin1')) text += piece;
  strictEqual(text, `${token}\njoe in ${home}/home from 192.0.2.7 with argument\nhello\n`);
  strictEqual(await asked?.ended, 0);
});

test('without a server to connect to there is no session', { skip }, async (context) => {
  const { home, links } = start(context);
  const asked = links[1]?.open(packLogin(joe) ?? new Uint8Array(), '192.0.2.7', newToken());
  match(String(await asked?.ended), /no connection to the server/);
  strictEqual(readdirSync(`${home}/pop3`).length, 0);
});

test('it wants a number of channels', async () => {
  for (const args of [[], ['0'], ['11'], ['x'], ['1', '2'], ['--x']]) {
    const { exit, stderr } = await runProgram({ program: 'qmail-pspawn', args });
    strictEqual(exit, 100);
    match(stderr, /usage: qmail-pspawn CHANNELS/);
  }
});
