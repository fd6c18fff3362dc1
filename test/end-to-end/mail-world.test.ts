/** Mail to Postfix, Exim and OpenSMTPD as they are, found through a real name server, in TLS where they offer it. */
import { match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { TlsDemand } from '../../src/remote/index.ts';
import {
  type MailWorld,
  type policyDomains,
  type Receiver,
  recipients,
  startMailWorld,
  worldMissing,
} from '../support/mail-world.ts';
import { until } from '../support/until.ts';

/**
 * Postfix is told to take nothing without TLS. OpenSMTPD 6.8.0p2, which Debian has, breaks off every handshake by itself:
 * its key is with another process, and OpenSSL 3 does not ask that one (OpenSMTPD/OpenSMTPD#1171, mended in 7.3). Who may
 * goes on without TLS.
 */
const demands: Readonly<Record<Receiver, readonly TlsDemand[]>> = {
  postfix: ['may', 'verify'],
  exim: ['no', 'may', 'must', 'verify'],
  opensmtpd: ['no', 'may'],
};

/** A message with a subject of its own, dots, a bare CR, bytes over 127, and no line end at its end. */
function message(subject: string): string {
  return `From: s@us.test\nSubject: ${subject}\n\n.\n..dots\nbare\rreturn\n\xc3\xa9\nlast`;
}

function arrived({ mail }: MailWorld, receiver: Receiver, subject: string): Promise<string> {
  return until(`${subject} at ${receiver}`, () =>
    mail(receiver).find((text) => text.includes(`\nSubject: ${subject}\n`)),
  );
}

async function takesMail(world: MailWorld, receiver: Receiver): Promise<void> {
  const to = recipients[receiver];
  const domain = to.slice(to.indexOf('@') + 1);
  const route = (text: string) => ({ smtproutes: text });
  for (const tls of demands[receiver]) {
    const subject = `${receiver}-${tls}`;
    const said = await world.send(
      [domain, 's@us.test', to],
      message(subject),
      route(`${domain}: tls=${tls}\n`),
    );
    match(said, /^r\0K/, `${subject}: ${said}`);
    const text = await arrived(world, receiver, subject);
    ok(text.endsWith('\n\n.\n..dots\nbare\nreturn\n\xc3\xa9\nlast\n'), text);
    const isSecure = /TLS|ESMTPS/i.test(text.slice(0, text.indexOf('Subject:')));
    if (tls === 'no' || tls === 'must' || tls === 'verify') strictEqual(isSecure, tls !== 'no', text);
  }
}

/** A domain's policy as its web server has it (RFC 8461 3.2). */
function policy(mode: 'enforce' | 'testing', exchange: string): readonly string[] {
  return ['version: STSv1', `mode: ${mode}`, `mx: ${exchange}`, 'max_age: 86400'];
}

async function obeysPolicies(world: MailWorld): Promise<void> {
  const send = (domain: keyof typeof policyDomains) =>
    world.send([domain, 's@us.test', `box@${domain}`], message(domain), { smtproutes: '' });
  await world.publish(policy('enforce', 'mx.exim.test'));
  match(await send('strict.test'), /^r\0K10\.0\.0\.11/);
  const text = await arrived(world, 'exim', 'strict.test');
  match(text.slice(0, text.indexOf('Subject:')), /esmtps/i);

  await world.publish(policy('enforce', 'mx.elsewhere.test'));
  match(await send('elsewhere.test'), /^Z.*policy/);

  // Its server does not get TLS to work: the mail waits rather than go in the clear.
  await world.publish(policy('enforce', '*.opensmtpd.test'));
  match(await send('clear.test'), /^Z.*TLS failed.*\(#4\.7\.5\)/);
  await world.publish(policy('testing', '*.opensmtpd.test'));
  match(await send('trying.test'), /^r\0K10\.0\.0\.12/);
  // Whose web server has no certificate for its name has no policy.
  await world.publish(policy('enforce', 'mx.exim.test'));
  match(await send('unproven.test'), /^r\0K10\.0\.0\.12/);

  // A policy is kept, whoever takes it out of DNS and changes where mail goes, and the web server with it.
  await world.publish(undefined);
  await world.changeDns((lines) =>
    lines
      .replace('mx-host=strict.test,mx.exim.test', 'mx-host=strict.test,mx.opensmtpd.test')
      .replace(/^txt-record=_mta-sts.*$/gm, ''),
  );
  match(await send('strict.test'), /^Z.*policy/);
  strictEqual(
    world.mail('opensmtpd').some((mail) => /Subject: (clear|strict)\.test/.test(mail)),
    false,
  );
}

test('mail to the world', { skip: worldMissing }, async (context) => {
  const world = await startMailWorld(context);
  const { send } = world;
  for (const receiver of ['postfix', 'exim', 'opensmtpd'] as const) {
    await context.test(`${receiver} takes mail by its MX record, with and without TLS`, () =>
      takesMail(world, receiver),
    );
  }
  await send(['exim.test', '', recipients.exim], '', { smtproutes: '' });

  await context.test('a recipient that is refused, and one that is not', async () => {
    const said = await send(['exim.test', 's@us.test', 'nobody@exim.test', recipients.exim], message('some'));
    match(said, /^h.*no such user\n\0r\0K/s);
    await arrived(world, 'exim', 'some');
  });

  await context.test('a host that is down, and one that takes no relayed mail, by preference', async () => {
    const said = await send(['fallback.test', 's@us.test', 'box@fallback.test'], message('fallback'));
    match(said, /^r\0K10\.0\.0\.11 accepted/);
  });

  await context.test('a domain that is another name, and an answer over 512 bytes', async () => {
    match(await send(['alias.test', 's@us.test', 'box@alias.test'], message('alias')), /^r\0K10\.0\.0\.11/);
    match(await send(['many.test', 's@us.test', 'box@many.test'], message('many')), /^r\0K10\.0\.0\.11/);
  });

  await context.test('what DNS says for certain is final, and nothing else', async () => {
    const cases = {
      'none.test': /^D.*\(#5\.1\.2\)/,
      'null.test': /^D.*\(#5\.1\.10\)/,
      'nowhere.test': /^D.*\(#5\.4\.4\)/,
      'self.test': /^D.*\(#5\.4\.6\)/,
      'broken.test': /^Z.*\(#4\.4\.3\)/,
    };
    for (const [domain, answer] of Object.entries(cases)) {
      match(await send([domain, 's@us.test', `box@${domain}`]), answer, domain);
    }
  });

  await context.test('a name that a certificate is not for', async () => {
    const said = await send(['[10.0.0.11]', 's@us.test', recipients.exim], message('literal'), {
      smtproutes: '[10.0.0.11]: tls=verify\n',
    });
    match(said, /^Z.*TLS failed.*\(#4\.7\.5\)/);
  });

  await context.test('OpenSMTPD breaks off TLS by a fault of its own', async () => {
    const said = await send(['opensmtpd.test', 's@us.test', recipients.opensmtpd], message('tls'), {
      smtproutes: 'opensmtpd.test: tls=must\n',
    });
    match(said, /^Z.*TLS failed.*\(#4\.7\.5\)/);
    match(await world.host.sh('cat /var/log/smtpd.log'), /EVP lib|missing private key/);
  });

  await context.test('policies of domains (MTA-STS), from DNS over HTTPS to the receiver', () =>
    obeysPolicies(world),
  );

  await context.test('without a name server everything waits', async () => {
    await world.host.sh('kill "$(cat /run/dnsmasq.pid)"');
    match(await send(['exim.test', 's@us.test', recipients.exim]), /^Z.*\(#4\.4\.3\)/);
  });
});
