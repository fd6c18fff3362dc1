/** Hubs by their names, in each body: by /etc/hosts, by dnsmasq with a search list, over TCP; and names that lead nowhere. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { currentBody, eachBody } from '../support/bodies.ts';
import { localAddress } from '../support/built-hub.ts';
import { builtExecutable, executablesMissing } from '../support/executables.ts';
import { needs } from '../support/foreign.ts';
import { startHub } from '../support/hub.ts';
import { privateHostMissing, startPrivateHost } from '../support/private-host.ts';
import { until } from '../support/until.ts';

const skip = executablesMissing || privateHostMissing || needs('dnsmasq').skip;

/** All of 127.0.0.0/8 is the loopback, and the hub listens everywhere. */
const many = Array.from({ length: 60 }, (_, last) => `--host-record=many.example,127.0.0.${last + 1}`);

const dnsmasq = [
  ...[
    'dnsmasq',
    '--conf-file=/dev/null',
    '--no-resolv',
    '--no-hosts',
    '--user=root',
    '--pid-file=/run/dnsmasq.pid',
  ],
  ...[
    '--bind-interfaces',
    '--listen-address=127.0.0.1',
    '--auth-zone=example',
    '--auth-server=ns.example,127.0.0.1',
  ],
  ...['--host-record=hub.example,127.0.0.1', '--cname=alias.example,hub.example', ...many],
];

eachBody('a hub is found by its name, and what is not found says why', { skip }, async (context) => {
  const { executable } = currentBody();
  const host = await startPrivateHost({ binds: { '/opt/body': dirname(executable) } });
  context.after(() => host.close());
  const hub = await startHub({
    command: [...host.besides, builtExecutable('mini-qmail')],
    listen: ['0.0.0.0:6280'],
  });
  context.after(() => hub.stop());
  writeFileSync(
    `${host.root}/etc/hosts`,
    '127.0.0.1 localhost\n127.0.0.9\tBy-Hosts by-hosts.test # hub.example\n',
  );
  writeFileSync(
    `${host.root}/etc/resolv.conf`,
    'nameserver 127.0.0.1\nsearch nowhere.example example\noptions attempts:1\n',
  );
  await host.sh(dnsmasq.join(' '));
  await host.sh('mkdir -p /srv/box/control; echo box.test >/srv/box/control/me');

  const [name = ''] = executable.split('/').slice(-1);
  async function send(hubName: string) {
    await host.sh(`echo ${hubName} >/srv/box/control/qmqpservers`);
    return await host.run([`/opt/body/${name}`, 'sendmail', localAddress], {
      env: { PATH: '/usr/bin:/bin', QMAILHOME: '/srv/box' },
      stdin: `Subject: to ${hubName}\n\n`,
    });
  }

  // The C library, which Node asks, finds no answer of dnsmasq's that is so long.
  const long = currentBody().name === 'tiny' ? ['many'] : [];
  const sound = [
    ...long,
    'hub.example',
    'hub',
    'HUB.example.',
    'alias',
    'by-hosts',
    'by-hosts.test',
    'localhost',
  ];
  for (const hubName of sound)
    deepStrictEqual(await send(`${hubName}:6280`), { exit: 0, stdout: '', stderr: '' }, hubName);
  await until('all of them', () => hub.delivered().length === sound.length || undefined);

  const none = await send('none.example:6280');
  strictEqual(none.exit, 75);
  match(none.stderr, /none\.example:6280: no such host name$/m);
  await host.sh('kill "$(cat /run/dnsmasq.pid)"');
  const silent = await send('hub.example:6280');
  strictEqual(silent.exit, 75);
  match(silent.stderr, /hub\.example:6280: host name lookup failed for now$/m);
});
