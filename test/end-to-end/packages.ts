/**
 * The life of Debian packages on a host of the test's own: installed, upgraded, removed, purged, with mail in between.
 * The host has no other mail system.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { join } from 'node:path';
import { makeDebianPackage } from '../../build/debian-package.ts';
import type { PackageName } from '../../build/package-tree.ts';
import { findTarget } from '../../build/targets.ts';
import { temporaryDirectory } from '../support/home.ts';
import { changes, type HostState, hostState } from '../support/host-state.ts';
import { startLocalHub } from '../support/local-hub.ts';
import { type PrivateHost, type PrivateResult, startPrivateHost } from '../support/private-host.ts';
import { tinyMissing } from '../support/tiny-body.ts';
import { top } from '../support/top.ts';

/** The tree, and the packages, as the host sees them. */
const tree = '/tree';
const packages = '/packages';

const versions = ['0.1.0', '0.1.1'] as const;
type Version = (typeof versions)[number];

const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as 'x64' | 'arm64'];

function fileOf(name: PackageName, version: Version = '0.1.0'): string {
  return `${packages}/${name}_${version}_${architecture}.deb`;
}

const quiet = {
  env: {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LC_ALL: 'C',
    DEBIAN_FRONTEND: 'noninteractive',
  },
};

function stateOf(host: PrivateHost): Promise<HostState> {
  return hostState(
    host,
    '/var/qmail',
    '/etc/mini-qmail',
    '/usr/lib/mini-qmail',
    '/var/spool',
    '/usr/share/mini-qmail',
  );
}

const common = {
  target: findTarget(undefined),
  built: join(top, 'dist'),
  compression: 'none',
  epoch: 1_700_000_000,
} as const;

let made: Promise<string> | undefined;

/** Makes them, once for all tests, and answers where they are. */
async function makePackages(): Promise<string> {
  const output = temporaryDirectory();
  for (const version of versions) {
    for (const name of ['mini-qmail-satellite', 'mini-qmail-tiny', 'mini-qmail-hub'] as const) {
      if (name === 'mini-qmail-tiny' && tinyMissing) continue;
      await makeDebianPackage({ ...common, output, name, version });
    }
  }
  return output;
}

/** A host of the files of this one, or of `from`, that sees the packages; `prepare` is run there before all else. */
export async function withPackages(
  use: (host: PrivateHost) => Promise<void>,
  { from = '/', prepare = '' }: { readonly from?: string; readonly prepare?: string } = {},
): Promise<void> {
  made ??= makePackages();
  const host = await startPrivateHost({ binds: { [tree]: top, [packages]: await made }, from });
  try {
    await host.sh(prepare, quiet);
    await use(host);
  } finally {
    await host.close();
  }
}

const send = (subject: string) => `printf 'Subject: ${subject}\\n\\n' | /usr/sbin/sendmail root@hub.example`;

/** Packages of the host that want a mail system stay, whatever becomes of ours. */
function dpkgOn(host: PrivateHost): (...words: readonly string[]) => Promise<PrivateResult> {
  return (...words) => host.run(['dpkg', '--force-depends', '--no-triggers', ...words], quiet);
}

export type SatelliteName = 'mini-qmail-satellite' | 'mini-qmail-tiny';

/** Through a satellite's package, from the first installation to the purge. */
export async function satelliteLives(host: PrivateHost, name: SatelliteName): Promise<void> {
  const hasDoctor = name === 'mini-qmail-satellite';
  const untouched = await stateOf(host);
  const dpkg = dpkgOn(host);
  const said = await dpkg('--install', fileOf(name));
  strictEqual(said.exit, 0, said.stderr);
  match(said.stderr, /no mail goes out before \/etc\/mini-qmail\/qmqpservers names the hubs/);
  strictEqual((await dpkg('--verify', name)).stdout, '');

  // It works, and its doctor finds nothing wrong with it.
  await host.sh('echo box.example >/etc/mini-qmail/me; echo 127.0.0.1:6280 >/etc/mini-qmail/qmqpservers');
  strictEqual((await host.run(['qmail-doctor'])).exit, hasDoctor ? 2 : 100);
  await host.sh(send('early'));
  ok((await host.sh('find /var/spool/mini-qmail/queue -type f -size +0')) !== '');
  const kept = await dpkg('--purge', name);
  match(kept.stderr, /\/var\/spool\/mini-qmail holds mail that was not sent: left/);
  strictEqual((await dpkg('--install', fileOf(name))).exit, 0);
  await host.sh('echo box.example >/etc/mini-qmail/me; echo 127.0.0.1:6280 >/etc/mini-qmail/qmqpservers');
  const hub = await startLocalHub(host);
  try {
    await host.sh(send('at once'));
    match(await hub.delivered('at once'), /^From: .*@box\.example/m);
    await host.sh(
      'line=$(sed -n \'s/^\\* \\* \\* \\* \\* root //p\' /etc/cron.d/mini-qmail-flush); eval "$line"',
    );
    await hub.delivered('early');
    if (hasDoctor) {
      const healthy = await host.run(['qmail-doctor', '--send', 'root@hub.example']);
      strictEqual(healthy.exit, 0, healthy.stdout);
      await hub.delivered('a test by qmail-doctor');
    }
  } finally {
    await hub.close();
  }

  // An upgrade changes the programs, and no setting: a spool that was given up does not come back.
  await host.sh('rm /etc/mini-qmail/spool; echo 192.0.2.1 >>/etc/mini-qmail/qmqpservers');
  strictEqual((await dpkg('--install', fileOf(name, '0.1.1'))).exit, 0);
  match(await host.sh(`dpkg --status ${name}`), /^Version: 0\.1\.1$/m);
  strictEqual(
    await host.sh('cd /etc/mini-qmail; cat me qmqpservers'),
    'box.example\n127.0.0.1:6280\n192.0.2.1\n',
  );
  deepStrictEqual((await host.sh('ls /etc/mini-qmail')).trim().split('\n'), ['me', 'qmqpservers']);

  // Removed, the programs are gone and the settings are there; purged, nothing is.
  strictEqual((await dpkg('--remove', name)).exit, 0);
  strictEqual((await host.run(['test', '-e', '/usr/sbin/sendmail'])).exit, 1);
  strictEqual(await host.sh('cat /etc/mini-qmail/me'), 'box.example\n');
  strictEqual((await dpkg('--purge', name)).exit, 0);
  deepStrictEqual(changes(untouched, await stateOf(host)), []);
}

/** One satellite takes the place of the other, with its settings and its spool, and a purge of the first takes nothing away. */
export async function satelliteChanges(
  host: PrivateHost,
  first: SatelliteName,
  second: SatelliteName,
): Promise<void> {
  const untouched = await stateOf(host);
  const dpkg = dpkgOn(host);
  strictEqual((await dpkg('--install', fileOf(first))).exit, 0);
  await host.sh('echo box.example >/etc/mini-qmail/me; echo 127.0.0.1:1 >/etc/mini-qmail/qmqpservers');
  await host.sh(send('kept'));
  match((await dpkg('--install', fileOf(second))).stderr, /conflicting packages/);
  for (const words of [
    ['--remove', first],
    ['--install', fileOf(second)],
    ['--purge', first],
  ])
    strictEqual((await dpkg(...words)).exit, 0, words.join(' '));
  match(await host.sh('mailq'), /root@hub\.example/);
  await host.sh('test -e /etc/cron.d/mini-qmail-flush -a -e /usr/lib/systemd/system/mini-qmail-flush.timer');
  strictEqual(await host.sh('cat /etc/mini-qmail/me'), 'box.example\n');
  await host.sh('rm -r /var/spool/mini-qmail/queue');
  strictEqual((await dpkg('--purge', second)).exit, 0);
  deepStrictEqual(changes(untouched, await stateOf(host)), []);
}

/** Through the hub's package; a satellite's comes and goes before it and after it. */
export async function hubLives(host: PrivateHost): Promise<void> {
  const untouched = await stateOf(host);
  const dpkg = dpkgOn(host);
  const install = async (name: PackageName, version?: Version) => {
    const { exit, stderr } = await dpkg('--install', fileOf(name, version));
    strictEqual(exit, 0, stderr);
  };
  // The settings of one are those of the other.
  await install('mini-qmail-satellite');
  await host.sh('echo hub.example >/etc/mini-qmail/me; echo hub.example >/etc/mini-qmail/locals');
  match((await dpkg('--install', fileOf('mini-qmail-hub'))).stderr, /conflicting packages/);
  strictEqual((await dpkg('--remove', 'mini-qmail-satellite')).exit, 0);
  await install('mini-qmail-hub');
  strictEqual((await dpkg('--purge', 'mini-qmail-satellite')).exit, 0);
  strictEqual(await host.sh('cat /etc/mini-qmail/me'), 'hub.example\n');
  strictEqual(
    await host.sh("cd /var/qmail; stat -c '%n %U:%G %a' queue alias alias/Maildir rc"),
    'queue qmailq:qmail 711\nalias alias:qmail 2755\nalias/Maildir alias:nofiles 700\nrc root:root 755\n',
  );

  // It takes mail and delivers it.
  const deliver = `
    setsid /var/qmail/rc >/run/hub.log 2>&1 </dev/null & hub=$!
    until ${send('kept')} 2>/dev/null; do sleep 0.1; done
    until grep -qrs '^Subject: kept$' /var/qmail/alias/Maildir/new; do sleep 0.1; done
    until [ "$(qmail-qstat | sed -n 's/^messages in queue: //p')" = 0 ]; do sleep 0.1; done
    kill $hub; wait $hub || :`;
  await host.sh(deliver, quiet);

  // An upgrade keeps what the operator has changed; what it delivered outlives all of it.
  await host.sh("echo '# mine' >>/var/qmail/rc");
  await install('mini-qmail-hub', '0.1.1');
  strictEqual(await host.sh('tail -n 1 /var/qmail/rc; cat /etc/mini-qmail/me'), '# mine\nhub.example\n');
  match(await host.sh('qmail-qstat'), /^messages in queue: 0$/m);
  strictEqual((await dpkg('--remove', 'mini-qmail-hub')).exit, 0);
  const { stderr } = await dpkg('--purge', 'mini-qmail-hub');
  match(stderr, /there is mail, or what you wrote, in {2}?\/var\/qmail\/alias: left, with its users/);
  match(await host.sh('stat -c %U /var/qmail/alias/Maildir'), /^alias$/m);
  match(await host.sh('grep -rh "^Subject: " /var/qmail/alias/Maildir/new'), /kept/);

  // Installed again it finds it, and without mail a purge leaves nothing.
  await install('mini-qmail-hub');
  await host.sh('rm /var/qmail/alias/Maildir/new/*');
  strictEqual((await dpkg('--purge', 'mini-qmail-hub')).exit, 0);
  deepStrictEqual(changes(untouched, await stateOf(host)), []);
}
