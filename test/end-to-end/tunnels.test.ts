/** Hubs in TLS through the programs of others, as control/qmqptunnel names them, and the hub that sees nothing unusual in it. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { appendFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { currentBody, eachBody } from '../support/bodies.ts';
import { findProgram, needs } from '../support/foreign.ts';
import { temporaryHome } from '../support/home.ts';
import { fingerprintOf, identityOf } from '../support/identity.ts';
import { type Ended, runProgram, satelliteMain } from '../support/run-program.ts';
import { answering, scriptedHub } from '../support/scripted-hub.ts';
import { type SecureHub, secureHub } from '../support/secure-hub.ts';
import { top } from '../support/top.ts';
import { unusedPort } from '../support/unused-port.ts';

const box = await identityOf('box.test');
const hubIdentity = await identityOf('hub.test');

const message = 'Subject: through a tunnel\n\nbody\n';
const silent = { exit: 0, stdout: '', stderr: '' };

async function knownHub(): Promise<SecureHub> {
  const hub = await secureHub({ identity: hubIdentity });
  hub.write('box.test', `key ${fingerprintOf(box)}`);
  return hub;
}

/** A satellite with this tunnel and these files beside its key; the certificate is that of the hub that it expects. */
function satellite(where: string, tunnel: string, certificate = hubIdentity, files: object = {}) {
  const qmqpservers = `qmqps://${where} ${fingerprintOf(certificate)}\n`;
  const home = temporaryHome({
    me: 'box.test\n',
    qmqpskey: box,
    'hub.pem': certificate,
    qmqpservers,
    ...files,
  });
  const control = `${home}/control`;
  writeFileSync(`${control}/qmqptunnel`, `${tunnel.replaceAll('CONTROL', control)}\n`);
  for (const [name, text] of Object.entries(files))
    writeFileSync(`${control}/${name}`, String(text).replaceAll('CONTROL', control));
  return home;
}

function send(home: string, stdin: string = message): Promise<Ended> {
  const envelope = 'Fs@x\0Tr@y\0\0';
  return runProgram({
    main: satelliteMain,
    program: 'qmail-qmqpc',
    stdin,
    envelope,
    env: { QMAILHOME: home },
  });
}

const openssl = [
  findProgram('openssl'),
  's_client -quiet -verify_quiet -verify_return_error -partial_chain -CAfile CONTROL/hub.pem',
  '-cert CONTROL/qmqpskey -key CONTROL/qmqpskey -tls1_3 -alpn qmqp/1 -servername %h -ignore_unexpected_eof -connect %a:%p',
].join(' ');

eachBody('openssl s_client', needs('openssl'), async () => {
  const hub = await knownHub();
  const home = satellite(`127.0.0.1:${hub.port}`, openssl);
  deepStrictEqual(await send(home), silent);
  deepStrictEqual(await send(home, `Subject: large\n\n${'x'.repeat(3_000_000)}`), silent);
  const [first = '', second = ''] = hub.intake.messages.map(({ text }) => text);
  match(
    first,
    /^Received: from unknown \(box\.test@127\.0\.0\.1\)\n {2}by hub\.test with QMQPS;.*\nSubject: through/,
  );
  strictEqual(second.length > 3_000_000, true);
  hub.write('box.test', `key ${fingerprintOf(box)}`, 'revoked');
  const revoked = await send(home);
  strictEqual(revoked.exit, 71);
  match(revoked.stderr, /not now: the key of box\.test is revoked \(#4\.7\.0\)/);
});

eachBody(
  'openssl s_client speaks to no other hub than the one whose certificate it has',
  needs('openssl'),
  async () => {
    const hub = await knownHub();
    const { exit, stderr } = await send(
      satellite(`127.0.0.1:${hub.port}`, openssl, await identityOf('other.test')),
    );
    strictEqual(exit, 74);
    match(stderr, /verify error/);
    deepStrictEqual(hub.intake.messages, []);
  },
);

eachBody('behind openssl s_client a hub that is down is passed over', needs('openssl'), async () => {
  const hub = await knownHub();
  const home = satellite(`127.0.0.1:${await unusedPort()}`, openssl, hubIdentity, { spool: 'spool\n' });
  appendFileSync(
    `${home}/control/qmqpservers`,
    `qmqps://127.0.0.1:${hub.port} ${fingerprintOf(hubIdentity)}\n`,
  );
  strictEqual((await send(home)).exit, 0);
  const taken = hub.intake.messages.length;
  const kept = existsSync(`${home}/spool/queue`) ? readdirSync(`${home}/spool/queue`).length : 0;
  // Through Node nobody can see what the program has read: unless it ended before it was given all, the message waits for
  // that one hub.
  strictEqual(taken + kept, 1);
  if (currentBody().name === 'tiny') strictEqual(taken, 1);
});

/** stunnel as inetd would run it: its configuration says where it connects. */
const stunnelConfiguration = (port: number) => `client = yes
foreground = quiet
debug = 3
syslog = no
sslVersion = TLSv1.3
connect = 127.0.0.1:${port}
cert = CONTROL/qmqpskey
CAfile = CONTROL/hub.pem
verifyPeer = yes
`;

eachBody('stunnel', needs('stunnel4'), async () => {
  const hub = await knownHub();
  const tunnel = `${findProgram('stunnel4')} CONTROL/stunnel.conf`;
  const files = { 'stunnel.conf': stunnelConfiguration(hub.port) };
  deepStrictEqual(await send(satellite(`127.0.0.1:${hub.port}`, tunnel, hubIdentity, files)), silent);
  strictEqual(hub.intake.messages.length, 1);
  const other = await send(satellite(`127.0.0.1:${hub.port}`, tunnel, await identityOf('other.test'), files));
  strictEqual(other.exit, 74);
  strictEqual(hub.intake.messages.length, 1);
});

eachBody('a UCSPI client, on descriptors 6 and 7', needs('tcpclient'), async () => {
  const hub = await scriptedHub(answering('3:Kok,'));
  const tunnel = `${findProgram('tcpclient')} -RHl0 %h %p ${join(top, 'scripts/ucspi-stream')}`;
  deepStrictEqual(await send(satellite(`127.0.0.1:${hub.port}`, tunnel)), silent);
  match(hub.received[0] ?? '', /Subject: through a tunnel/);
});

eachBody('a program that is missing, or ends at once, is no hub', async () => {
  const missing = await send(satellite('127.0.0.1:6280', '/nonexistent/tls'));
  strictEqual(missing.exit, 73);
  match(missing.stderr, /\/nonexistent\/tls/);
  match(missing.stderr, /ENOENT/);
  const ending = await send(satellite('127.0.0.1:6280', '/bin/true'));
  strictEqual(ending.exit, 74);
});
