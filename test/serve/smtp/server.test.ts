import { deepStrictEqual, match, ok, rejects, strictEqual } from 'node:assert/strict';
import { after, test } from 'node:test';
import { createSecureContext, type SecureContext } from 'node:tls';
import { openControl } from '../../../src/control/index.ts';
import {
  createSmtpServer,
  readSmtpSettings,
  type SmtpServerLimits,
  type SmtpServerOptions,
} from '../../../src/serve/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { temporaryHome } from '../../support/home.ts';
import { identityOf } from '../../support/identity.ts';
import { memoryIntake } from '../../support/memory-intake.ts';
import { smtpPeer, smtpsPeer } from '../../support/smtp-peer.ts';

const closing: (() => Promise<void>)[] = [];

after(() => Promise.all(closing.map((close) => close())));

interface Asked extends Partial<SmtpServerOptions> {
  readonly controls?: Readonly<Record<string, string>>;
  readonly limits?: Partial<SmtpServerLimits>;
  readonly implicitTls?: boolean;
}

async function serve(asked: Asked = {}) {
  const home = temporaryHome({ me: 'hub.test\n', ...asked.controls });
  const read = readSmtpSettings(openControl(nodeSystem([]), home));
  const settings = { ...read, limits: { ...read.limits, ...asked.limits } };
  const intake = memoryIntake();
  const lines: string[] = [];
  const server = createSmtpServer({
    settings: () => settings,
    intake,
    secureContext: () => undefined,
    log: (line) => lines.push(line),
    ...asked,
  });
  const { port } = await server.listen({ address: '127.0.0.1', port: 0 }, asked.implicitTls ?? false);
  closing.push(() => server.close(0));
  return { server, port, intake, lines };
}

const transaction = ['MAIL FROM:<s@x.y>', 'RCPT TO:<r@hub.test>', 'DATA'];

test('a message arrives, and its Received field says from whom', async () => {
  const { port, intake } = await serve();
  const peer = smtpPeer(port);
  match(await peer.reply(), /^220 hub\.test/);
  await peer.ask('EHLO client.test');
  for (const command of transaction) match(await peer.ask(command), /^[23]/);
  match(await peer.ask('Subject: t\r\n\r\n.'), /^250 2\.0\.0 ok \d+ qp 1$/);
  await peer.ask('QUIT');
  const [message] = intake.messages;
  match(
    message?.text ?? '',
    /^Received: from unknown \(HELO client\.test\) \(127\.0\.0\.1\)\n {2}by hub\.test with ESMTP; /,
  );
  deepStrictEqual(message?.envelope, { sender: 's@x.y', recipients: ['r@hub.test'] });
});

test('control/smtprules denies, and opens the way to anywhere', async () => {
  const denied = await serve({ controls: { smtprules: '127.:deny\n' } });
  match(await smtpPeer(denied.port).closed, /^421 4\.7\.1 /);
  match(denied.lines[0] ?? '', /^smtpd: peer=127\.0\.0\.1 reply="421 4\.7\.1 /);

  const relaying = await serve({ controls: { smtprules: '127.:allow,RELAYCLIENT="",DATABYTES="9"\n' } });
  const peer = smtpPeer(relaying.port);
  await peer.reply();
  match(await peer.ask('EHLO c'), /SIZE 9\b/);
  await peer.ask('MAIL FROM:<s@x.y>');
  match(await peer.ask('RCPT TO:<r@elsewhere.test>'), /^250 /);

  const strict = await serve();
  const stranger = smtpPeer(strict.port);
  await stranger.reply();
  await stranger.ask('MAIL FROM:<s@x.y>');
  match(await stranger.ask('RCPT TO:<r@elsewhere.test>'), /^553 5\.7\.1/);
  match(strict.lines[0] ?? '', /^smtpd: peer=127\.0\.0\.1 reply="553 5\.7\.1 /);
});

test('recipient hosts that cannot be read now refuse a recipient for now, and the log names the file', async () => {
  const controls = { rcpthosts: 'hub.test\n', 'morercpthosts.cdb': 'damaged' };
  const { port, lines } = await serve({ controls });
  const peer = smtpPeer(port);
  await peer.reply();
  await peer.ask('MAIL FROM:<s@x.y>');
  match(await peer.ask('RCPT TO:<r@elsewhere.test>'), /^451 4\.3\.0 /);
  match(await peer.ask('RCPT TO:<r@hub.test>'), /^250 /);
  match(lines.join('\n'), /^smtpd: peer=127\.0\.0\.1 reply="451 .*control\/morercpthosts\.cdb/);
});

test('connections are limited from each address, and those over the limit are told', async () => {
  const { port } = await serve({ limits: { connectionsPerPeerMax: 2 } });
  const peers = [smtpPeer(port), smtpPeer(port)];
  for (const peer of peers) match(await peer.reply(), /^220/);
  match(await smtpPeer(port).closed, /^421 4\.3\.2 too many connections\r\n$/);
  peers[0]?.destroy();
  await peers[0]?.closed;
  const again = smtpPeer(port);
  await rejects(async () => {
    while (!(await again.reply()).startsWith('220'));
    throw new Error('it was let in');
  }, /it was let in|went away/);
});

test('so many connections and messages in a minute', async () => {
  const fast = await serve({ limits: { connectionsPerMinuteMax: 1 } });
  match(await smtpPeer(fast.port).reply(), /^220/);
  match(await smtpPeer(fast.port).closed, /^421 4\.7\.1/);
  const chatty = await serve({ limits: { messagesPerMinuteMax: 1 } });
  const peer = smtpPeer(chatty.port);
  await peer.reply();
  match(await peer.ask('MAIL FROM:<a>'), /^250/);
  match(await peer.ask('MAIL FROM:<a>'), /^450 4\.7\.1/);
});

test('unknown recipients and blocked addresses are refused while the client waits; who may relay is not blocked', async () => {
  const asked: string[] = [];
  const isKnown = async (address: string) => {
    asked.push(address);
    return address !== 'nobody@hub.test';
  };
  const { port } = await serve({ isKnown });
  const peer = smtpPeer(port);
  await peer.reply();
  await peer.ask('MAIL FROM:<s@x.y>');
  match(await peer.ask('RCPT TO:<nobody@hub.test>'), /^550 5\.1\.1/);
  match(await peer.ask('RCPT TO:<r@hub.test>'), /^250/);
  match(await peer.ask('RCPT TO:<r@elsewhere.test>'), /^553/);
  deepStrictEqual(asked, ['nobody@hub.test', 'r@hub.test']);

  const blocked = async () => ({ code: 553, enhanced: '5.7.1', text: 'listed' });
  const stranger = smtpPeer((await serve({ blocked })).port);
  await stranger.reply();
  await stranger.ask('MAIL FROM:<s@x.y>');
  match(await stranger.ask('RCPT TO:<r@hub.test>'), /^553 5\.7\.1 listed/);
  const controls = { smtprules: '127.:allow,RELAYCLIENT=""\n' };
  const friend = smtpPeer((await serve({ blocked, controls })).port);
  await friend.reply();
  await friend.ask('MAIL FROM:<s@x.y>');
  match(await friend.ask('RCPT TO:<r@hub.test>'), /^250/);
});

test('AUTH in TLS asks the program, and opens the way to anywhere', async () => {
  const pem = await identityOf('hub');
  const context = createSecureContext({ key: pem, cert: pem });
  const seen: unknown[] = [];
  const { port, intake, lines } = await serve({
    secureContext: () => context,
    checkPassword: async (login, ip) => {
      seen.push([login, ip]);
      return login.password === 'right' ? 'accepted' : 'refused';
    },
  });
  const peer = smtpPeer(port);
  await peer.reply();
  await peer.ask('STARTTLS');
  await peer.secure();
  match(await peer.ask('EHLO c'), /AUTH PLAIN LOGIN/);
  const auth = (password: string) => `AUTH PLAIN ${Buffer.from(`\0u\0${password}`).toString('base64')}`;
  match(await peer.ask(auth('wrong')), /^535 /);
  match(await peer.ask(auth('right')), /^235 /);
  await peer.ask('MAIL FROM:<s@x.y>');
  match(await peer.ask('RCPT TO:<r@elsewhere.test>'), /^250/);
  await peer.ask('DATA');
  await peer.ask('.');
  match(intake.messages[0]?.text ?? '', /\(u@127\.0\.0\.1\)\n {2}by hub\.test with ESMTPSA;/);
  deepStrictEqual(seen[0], [{ user: 'u', password: 'wrong', timestamp: '' }, '127.0.0.1']);
  ok(lines.includes('smtpd: peer=127.0.0.1 login=refused'));
  ok(!lines.some((line) => line.includes('wrong')));
});

test('TLS from the first byte on, and who speaks none there', async () => {
  const pem = await identityOf('hub');
  const context = createSecureContext({ key: pem, cert: pem });
  const { port, lines } = await serve({ secureContext: () => context, implicitTls: true });
  const peer = smtpsPeer(port);
  match(await peer.reply(), /^220/);
  match(await peer.ask('QUIT'), /^221/);
  const plain = smtpPeer(port);
  plain.send('EHLO c\r\n');
  strictEqual(await plain.closed, '');
  match(lines.at(-1) ?? '', /^smtpd: peer=127\.0\.0\.1 TLS failed: /);
});

test('TLS from the first byte on, and no certificate: the connection is closed, and the server goes on', async () => {
  let context: SecureContext | undefined;
  const { server, port } = await serve({ secureContext: () => context, implicitTls: true });
  strictEqual(await smtpPeer(port).closed, '');
  const pem = await identityOf('hub');
  context = createSecureContext({ key: pem, cert: pem });
  const peer = smtpsPeer(port);
  match(await peer.reply(), /^220/);
  match(await peer.ask('QUIT'), /^221/);
  await peer.closed;
  // It would not, if it thought that the first one was still there.
  await server.close();
});

test('a server that closes lets a message that has begun come to its end', async () => {
  const { server, port, intake } = await serve();
  const idle = smtpPeer(port);
  await idle.reply();
  const peer = smtpPeer(port);
  await peer.reply();
  for (const command of transaction) await peer.ask(command);
  const closed = server.close();
  match(await idle.closed, /^421 4\.3\.2/);
  match(await peer.ask('x\r\n.'), /^250/);
  match(await peer.closed, /^421 4\.3\.2/);
  await closed;
  strictEqual(intake.messages.length, 1);
});
