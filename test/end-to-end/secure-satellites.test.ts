/** Satellites in TLS at a hub that root has started: the server reads the key and writes what it hears, and nobody else reads it. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { hubIds } from '../support/hub-host.ts';
import { program as hubProgram, separatedHubMissing, startSeparatedHub } from '../support/separated-hub.ts';
import { until } from '../support/until.ts';

/** The satellite's own executable. */
const program = '/opt/mini-qmail/mini-qmail-satellite';

test('a satellite sends to a hub of several users', { skip: separatedHubMissing }, async (context) => {
  const where = ['127.0.0.1:6280', '127.0.0.1:6281'] as const;
  let pin = '';
  const hub = await startSeparatedHub({
    users: ['you'],
    args: where.flatMap((address) => ['--qmqps', address]),
    async prepare(host) {
      pin = (await host.sh(`${hubProgram} qmail-satellites init`)).trim();
    },
  });
  context.after(() => hub.close());
  const { host } = hub;
  const key = statSync(`${host.root}/var/qmail/control/qmqpskey`);
  deepStrictEqual([key.mode & 0o777, key.uid], [0o400, hubIds.qmaild.uid]);
  await hub.count(/^listening qmqps /, 2);

  const box = { env: { PATH: '/usr/bin:/bin', QMAILHOME: '/box' } };
  await host.sh('mkdir -p /box/control; echo box.test >/box/control/me');
  const enrol = `${program} qmail-enroll --pin ${pin} ${where.join(' ')}`;
  match(await host.sh(enrol, box), /the request is noted/);
  await host.sh(`${hubProgram} qmail-satellites approve box.test`);
  await host.sh(`${program} qmail-enroll --check`, box);
  const stdin = 'Subject: over TLS\n\n';
  const send = () => host.sh(`${program} qmail-inject -f root@box.test you@hub.test`, { ...box, stdin });
  await send();
  const [mail = ''] = await until('the mail', () =>
    hub.mail('you').length > 0 ? hub.mail('you') : undefined,
  );
  match(mail, /Received: from unknown \(box\.test@127\.0\.0\.1\)\n {2}by hub\.test with QMQPS;/);

  // A change needs no signal, and the server cannot make one itself.
  await host.sh("printf 'senders @elsewhere.test\\n' >>/var/qmail/control/satellites/box.test");
  const refused = await host.run([program, 'qmail-inject', '-f', 'root@box.test', 'you@hub.test'], {
    ...box,
    stdin,
  });
  match(refused.stderr, /this host may not send from root@box\.test \(#5\.7\.1\)/);
  strictEqual(statSync(`${host.root}/var/qmail/control/satellites/box.test`).uid, 0);
  await until('the counts', async () => {
    const { stdout } = await host.run([hubProgram, 'qmail-satellites']);
    return stdout.includes('1 messages to 1 recipients') ? true : undefined;
  });
  strictEqual(await hub.stop(), 0);
});
