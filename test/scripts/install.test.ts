/** scripts/install, on hosts of the test's own: what it makes, that it can be run again, and that it undoes itself. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { executablesMissing } from '../support/executables.ts';
import { findProgram } from '../support/foreign.ts';
import { type PrivateHost, privateHostMissing, startPrivateHost } from '../support/private-host.ts';
import { top } from '../support/top.ts';

const missing = privateHostMissing || executablesMissing;

/** The tree, as the private hosts see it. */
const tree = '/tree';
const install = `${tree}/scripts/install`;

/** All that an installation may touch: names, owners, modes, the sizes of settings, users and groups. */
const stateScript = `
find /etc /usr/bin /usr/sbin /usr/lib /var /srv /home -xdev -maxdepth 2 -printf '%p %y %m %U:%G %l\\n' |
  grep -vE '^/etc/(passwd|group|shadow|gshadow|subuid|subgid)- |^/var/(log|cache|tmp|lib|backups)/' | sort
find /var/qmail /srv/qmail -printf '%p %y %m %U:%G %s %l\\n' 2>/dev/null | sort
cat /etc/passwd /etc/group /etc/shadow /etc/gshadow
dpkg-divert --list 2>/dev/null || :
`;

/** qmail's table, with what is there in addition. */
const ownersAndModes = `
/var/qmail root:qmail 755
/var/qmail/.installed root:root 644
/var/qmail/alias alias:qmail 2755
/var/qmail/alias/.qmail-mailer-daemon root:qmail 644
/var/qmail/alias/.qmail-postmaster root:qmail 644
/var/qmail/alias/.qmail-root root:qmail 644
/var/qmail/alias/Maildir alias:nofiles 700
/var/qmail/bin root:qmail 755
/var/qmail/bin/mini-qmail root:root 755
/var/qmail/control root:qmail 755
/var/qmail/control/me root:root 644
/var/qmail/doc root:qmail 755
/var/qmail/man root:qmail 755
/var/qmail/man/man8 root:qmail 755
/var/qmail/man/man8/qmail-start.8 root:root 644
/var/qmail/pop3 qmaild:nofiles 700
/var/qmail/queue qmailq:qmail 711
/var/qmail/queue/lock qmailr:qmail 755
/var/qmail/rc root:root 755
/var/qmail/supervise/mini-qmail-hub root:qmail 755
/var/qmail/supervise/mini-qmail-hub/log/main qmaill:nofiles 755
/var/qmail/supervise/mini-qmail-hub/log/run root:root 755
/var/qmail/supervise/mini-qmail-hub/run root:root 755
/var/qmail/users root:qmail 755
`;

async function withHost(use: (host: PrivateHost) => Promise<void>): Promise<void> {
  const host = await startPrivateHost({ binds: { [tree]: top } });
  try {
    await use(host);
  } finally {
    await host.close();
  }
}

describe('an installation', { skip: missing }, () => {
  let host: PrivateHost;
  let untouched: string;
  let installed: string;

  before(async () => {
    host = await startPrivateHost({ binds: { [tree]: top } });
    untouched = await host.sh(stateScript);
  });

  after(() => host.close());

  test('in a dry run says what it would do, and does nothing', async () => {
    const said = await host.sh(`${install} --dry-run --host hub.example --service daemontools`);
    match(said, /^install: user qmailq: would be made$/m);
    match(said, /^install: directory \/var\/qmail\/queue: would be made for qmailq:qmail 711$/m);
    match(said, /install: nothing was changed\n$/);
    ok(!/: (made|installed|linked)/.test(said), said);
    strictEqual(await host.sh(stateScript), untouched);
  });

  test('makes users, directories and programs with their owners and modes', async () => {
    const said = await host.sh(`${install} --host hub.example --service daemontools --replace-sendmail`);
    match(said, /^install: control files in \/var\/qmail\/control: written for hub\.example$/m);
    match(said, /install: done; to start the hub: .*\n$/);
    const paths = [...ownersAndModes.matchAll(/^(\S+) /gm)].map(([, path]) => path);
    strictEqual(`\n${await host.sh(`stat -c '%n %U:%G %a' ${paths.join(' ')}`)}`, ownersAndModes);
    const accounts = await host.sh(
      'for name in alias qmaild qmaill qmailp qmailq qmailr; do echo "$name $(id -gn $name) $(getent passwd $name | cut -d: -f6,7)"; done',
    );
    match(accounts, /^alias nofiles \/var\/qmail\/alias:\/usr\/sbin\/nologin$/m);
    for (const name of ['qmaild', 'qmaill', 'qmailp'])
      match(accounts, new RegExp(`^${name} nofiles /var/qmail:`, 'm'));
    for (const name of ['qmailq', 'qmailr']) match(accounts, new RegExp(`^${name} qmail /var/qmail:`, 'm'));
    strictEqual(await host.sh('cat /var/qmail/control/me'), 'hub.example\n');
  });

  test('its programs run by their names, and its manual is found', async () => {
    const programs = (await host.sh('/var/qmail/bin/mini-qmail --help'))
      .replace(/[\s\S]*programs: /, '')
      .trim();
    for (const name of programs.split(' ')) ok(existsSync(`${host.root}/var/qmail/bin/${name}`), name);
    match(await host.sh('/var/qmail/bin/qmail-showctl'), /hub\.example/);
    match(await host.sh('/usr/sbin/sendmail --help'), /^sendmail/m);
    match(await host.sh('/usr/bin/mailq --help'), /^mailq/m);
    match(await host.sh('ls /var/qmail/man/man8'), /^qmail-start\.8$/m);
  });

  test('run again it finds all as it should be, whatever the administrator changed', async () => {
    installed = await host.sh(stateScript);
    const again = await host.sh(`${install} --service daemontools`);
    deepStrictEqual(
      again.split('\n').filter((line) => line !== '' && !line.endsWith(': ok')),
      [
        'install: done; to start the hub: ln -s /var/qmail/supervise/mini-qmail-hub /etc/service/  (or where your supervisor looks)',
      ],
    );
    strictEqual(await host.sh(stateScript), installed);
    await host.sh(
      'echo other.example >>/var/qmail/control/locals; chmod 700 /var/qmail/bin; rm /var/qmail/bin/sendmail',
    );
    const mended = (await host.sh(`${install} --service daemontools`)).split('\n').slice(0, -2);
    deepStrictEqual(
      mended.filter((line) => !line.endsWith(': ok')),
      [
        'install: directory /var/qmail/bin: changed from root:qmail 700 to root:qmail 755',
        'install: /var/qmail/bin/sendmail: linked',
      ],
    );
    strictEqual(await host.sh('tail -n 1 /var/qmail/control/locals'), 'other.example\n');
    await host.sh('sed -i "/other.example/d" /var/qmail/control/locals');
  });

  test('removed, it leaves the host as it was', async () => {
    match(await host.sh(`${install} --remove --dry-run`), /nothing was changed\n$/);
    match(await host.sh(`${install} --remove`), /install: done\n$/);
    strictEqual(await host.sh(stateScript), untouched);
    match((await host.run([install, '--remove'])).stderr, /nothing was installed there/);
  });
});

test(
  'users, groups, directories and settings that were there before are there after it',
  { skip: missing },
  () =>
    withHost(async (host) => {
      await host.sh(`
      groupadd nofiles; useradd --gid nofiles --home-dir /nonexistent qmaild
      mkdir -p /srv/qmail/control /srv/qmail/users; chmod 700 /srv/qmail/users
      echo mine.example >/srv/qmail/control/me`);
      const untouched = await host.sh(stateScript);
      const said = await host.sh(`${install} --home /srv/qmail --host hub.example`);
      match(said, /^install: user qmaild: ok$/m);
      match(said, /^install: \/srv\/qmail\/control\/me: ok$/m);
      match(
        said,
        /^install: look: programs look for \/var\/qmail unless QMAILHOME=\/srv\/qmail is in their environment/m,
      );
      strictEqual(await host.sh('cat /srv/qmail/control/me'), 'mine.example\n');
      match(await host.sh('cat /srv/qmail/rc'), /QMAILHOME=\/srv\/qmail /);
      await host.sh(`${install} --home /srv/qmail --remove`);
      strictEqual(await host.sh(stateScript), untouched);
    }),
);

test('mail, and what was changed, is never removed by the way', { skip: missing }, () =>
  withHost(async (host) => {
    await host.sh(`${install} --host hub.example`);
    await host.sh(`
      echo '&me@example.org' >/var/qmail/alias/.qmail-root
      echo hub2.example >/var/qmail/control/me
      echo mail >/var/qmail/alias/Maildir/new/1
      touch /var/qmail/queue/unknown`);
    const before = await host.sh(stateScript);
    const refused = await host.run([install, '--remove']);
    strictEqual(refused.exit, 70);
    match(
      refused.stderr,
      /there is mail \(\/var\/qmail\/queue: something unknown; \/var\/qmail\/alias: 1 files of mail\)/,
    );
    strictEqual(await host.sh(stateScript), before);
    await host.sh(`${install} --remove --remove-mail`);
    strictEqual(
      await host.sh("find /var/qmail -printf '%p %u\\n' | sort"),
      [
        '/var/qmail root',
        '/var/qmail/alias root',
        '/var/qmail/alias/.qmail-root root',
        '/var/qmail/control root',
        '/var/qmail/control/me root',
        '',
      ].join('\n'),
    );
    strictEqual((await host.run(['id', 'alias'])).exit, 1);
  }),
);

test('the sendmail of a mail system that came after it is left to that one', { skip: missing }, () =>
  withHost(async (host) => {
    await host.sh('rm -f /usr/sbin/sendmail /usr/bin/mailq');
    await host.sh(`${install} --host hub.example`);
    await host.sh('rm /usr/sbin/sendmail; echo other >/usr/sbin/sendmail');
    match(await host.sh(`${install} --remove`), /^install: \/usr\/sbin\/sendmail: left/m);
    strictEqual(await host.sh('cat /usr/sbin/sendmail; ls -d /usr/bin/mailq /var/qmail || :'), 'other\n');
  }),
);

test('what cannot be right is refused before anything is changed', { skip: missing }, () =>
  withHost(async (host) => {
    await host.sh(
      'mkdir -p /srv/qmail/control /srv/qmail/bin /srv/open/above; touch /srv/qmail/bin/qmail-send; chmod 777 /srv/open',
    );
    const before = await host.sh(stateScript);
    const refusals: readonly (readonly [string, number, RegExp])[] = [
      ['--wrong', 64, /^usage: scripts\/install/],
      ['--service cron', 64, /^usage/],
      ['--home relative', 70, /give an absolute path/],
      ['--home "/srv/a b"', 70, /give an absolute path/],
      ['--home /srv/missing/qmail', 70, /\/srv\/missing is missing/],
      ['--home /etc', 70, /\/etc holds something else/],
      ['--home /srv/open/above/qmail', 70, /\/srv\/open is not root's alone/],
      ['--home /srv/qmail', 70, /another qmail installed/],
      ['--home /srv/other --replace-sendmail', 70, /for \/var\/qmail/],
      ['--remove', 70, /nothing was installed there/],
    ];
    for (const [words, exit, text] of refusals) {
      const refused = await host.run(['sh', '-c', `${install} ${words}`]);
      strictEqual(refused.exit, exit, `${words}: ${refused.stdout}${refused.stderr}`);
      match(refused.stderr, text);
    }
    const user = await host.run(['setpriv', '--reuid=65534', '--clear-groups', install]);
    match(user.stderr, /only root can do this/);
    strictEqual(await host.sh(stateScript), before);
  }),
);

/** What the owner of the queue can do whenever it likes, and what root is then not to change. */
const plantLink = 'mv /var/qmail/queue/lock /var/qmail/queue/moved; ln -s /etc /var/qmail/queue/lock';
const ownersScript = "stat -c '%n %U:%G %a' /etc /srv/queue";

test(
  "root follows its own link, and never one that the queue's owner puts in the place of a directory",
  {
    skip: missing,
  },
  () =>
    withHost(async (host) => {
      await host.sh(`
      mkdir -p /var/qmail/control /srv/queue/lock
      chmod 700 /srv/queue /srv/queue/lock
      ln -s /srv/queue /var/qmail/queue
      ${install} --host hub.example`);
      const before = await host.sh(ownersScript);
      strictEqual(before, '/etc root:root 755\n/srv/queue qmailq:qmail 711\n');
      // After the check and before the change: the change is of what was checked.
      await host.sh(`
      chmod 700 /var/qmail/queue/lock
      printf '#!/bin/sh\\n%s\\nexec /usr/bin/chown "$@"\\n' '${plantLink}' >/usr/local/sbin/chown
      chmod 755 /usr/local/sbin/chown
      ${install}
      rm /usr/local/sbin/chown`);
      strictEqual(await host.sh('stat -c "%U %a" /var/qmail/queue/moved'), 'qmailr 755\n');
      strictEqual(await host.sh(ownersScript), before);
      const refused = await host.run([install]);
      deepStrictEqual([refused.exit, await host.sh(ownersScript)], [70, before]);
      match(refused.stderr, /\/var\/qmail\/queue\/lock leads to \/etc, and others than root/);
      const removed = await host.run([install, '--remove', '--remove-mail']);
      match(removed.stderr, /leads to \/etc/);
      match(removed.stdout, /queue\/lock: left alone\n[\s\S]*install: done\n$/);
      strictEqual(await host.sh(ownersScript), '/etc root:root 755\n/srv/queue root:root 700\n');
    }),
);

/** What busybox offers in place of useradd and its like, with the options of busybox, on top of Debian's own. */
const busyboxAccounts = `
mkdir /opt/accounts
for name in useradd userdel groupadd groupdel; do mv /usr/sbin/$name /opt/accounts; done
cat >/usr/local/sbin/addgroup <<'END'
#!/bin/sh
[ "$#-$1" = 2--S ] && exec /opt/accounts/groupadd --system "$2"
exit 9
END
cat >/usr/local/sbin/adduser <<'END'
#!/bin/sh
case "$1 $2 $3 $4 $6 $8" in "-S -D -H -h -s -G") exec /opt/accounts/useradd -r -M -d "$5" -s "$7" -g "$9" "\${10}" ;; esac
exit 9
END
printf '#!/bin/sh\\nexec /opt/accounts/userdel "$1"\\n' >/usr/local/sbin/deluser
printf '#!/bin/sh\\nexec /opt/accounts/groupdel "$1"\\n' >/usr/local/sbin/delgroup
chmod 755 /usr/local/sbin/*
`;

const busyboxMissing = findProgram('busybox') === undefined && 'busybox: not installed';

test("it runs under busybox's shell, with busybox's adduser", { skip: missing || busyboxMissing }, () =>
  withHost(async (host) => {
    const passwd = await host.sh('cat /etc/passwd /etc/group');
    await host.sh(busyboxAccounts);
    await host.sh(`busybox sh ${install} --host hub.example`);
    match(await host.sh('getent passwd alias'), /:\/var\/qmail\/alias:\/usr\/sbin\/nologin$/m);
    match(await host.sh('stat -c "%U:%G %a" /var/qmail/queue'), /^qmailq:qmail 711$/m);
    await host.sh(`busybox sh ${install} --remove`);
    strictEqual(await host.sh('cat /etc/passwd /etc/group'), passwd);
  }),
);

test('an installation that was cut short can be undone, and finished', { skip: missing }, () =>
  withHost(async (host) => {
    const untouched = await host.sh(stateScript);
    const broken = '/usr/local/sbin/useradd';
    await host.sh(`
      printf '#!/bin/sh\\ncase $* in *qmailq) exit 1 ;; esac\\nexec /usr/sbin/useradd "$@"\\n' >${broken}
      chmod 755 ${broken}`);
    strictEqual((await host.run([install, '--host', 'hub.example'])).exit, 1);
    match(await host.sh('id qmailp'), /nofiles/);
    await host.sh(`${install} --remove`);
    strictEqual((await host.run([install, '--host', 'hub.example'])).exit, 1);
    await host.sh(`rm ${broken}; ${install}`);
    match(await host.sh('stat -c %U /var/qmail/queue'), /^qmailq$/m);
    await host.sh(`${install} --remove`);
    strictEqual(await host.sh(stateScript), untouched);
  }),
);
