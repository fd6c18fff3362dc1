/** A hub in one process serves what it delivers, to who has a password of its own file. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeScryptHash } from '../../src/serve/passwords/index.ts';
import { startHub } from '../support/hub.ts';
import { sendTo } from '../support/hub-clients.ts';
import { hubControls, hubHome, hubUser, isRoot } from '../support/hub-home.ts';
import { identityOf } from '../support/identity.ts';
import { connectPop3 } from '../support/pop3-client.ts';

test('what is delivered can be read and deleted, over POP3 and in TLS', async () => {
  const user = hubUser();
  const home = hubHome(hubControls, user);
  mkdirSync(`${home}/users`);
  chmodSync(`${home}/users`, 0o755);
  const passwords = `${home}/users/poppasswd`;
  writeFileSync(passwords, `joe:${makeScryptHash('secret', { ln: 1, r: 1, p: 1 })}\n`, { mode: 0o600 });
  const certificate = `${home}/control/servercert.pem`;
  writeFileSync(certificate, await identityOf('hub.test'), { mode: 0o600 });
  if (isRoot) for (const path of [passwords, certificate]) chownSync(path, user.uid, user.gid);
  const hub = await startHub({
    home,
    args: ['--pop3', '127.0.0.1:0', '--pop3s', '127.0.0.1:0'],
    delivery: './Maildir/',
  });
  const port = async (service: string) =>
    Number((await hub.line(new RegExp(`^listening ${service} `))).split(':').at(-1));
  await sendTo(hub.addresses[0], 'joe@hub.test', 'Subject: x\n\nhello\n');
  await hub.line(/^end msg/);
  const client = await connectPop3(await port('pop3'));
  strictEqual(await client.line(), '+OK ');
  await client.ask('USER joe');
  strictEqual(await client.ask('PASS secret'), '+OK ');
  client.say('RETR 1');
  strictEqual((await client.lines()).at(-1), 'hello');
  await client.ask('QUIT');
  strictEqual(hub.delivered().length, 0);
  const secure = await connectPop3(await port('pop3s'), 'tls');
  await secure.line();
  await secure.ask('USER joe');
  strictEqual(await secure.ask('PASS wrong'), '-ERR [AUTH] authorization failed');
  const again = await connectPop3(await port('pop3s'), 'tls');
  await again.line();
  await again.ask('USER joe');
  strictEqual(await again.ask('PASS secret'), '+OK ');
  strictEqual(await again.ask('DELE 1'), '+OK ');
  strictEqual(await again.ask('QUIT'), '+OK ');
  match(await hub.line(/login=refused/), /user=joe tls=yes login=refused/);
  deepStrictEqual(await hub.stop(), 0);
});
