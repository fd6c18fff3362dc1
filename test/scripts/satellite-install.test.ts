/** scripts/satellite-install, on hosts of the test's own: what it makes, that mail goes out, and that it undoes itself. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { findProgram } from '../support/foreign.ts';
import { changes, type HostState } from '../support/host-state.ts';
import { startLocalHub } from '../support/local-hub.ts';
import { type PrivateHost, startPrivateHost } from '../support/private-host.ts';
import { given, install, missing, stateOf, tree, withHost } from '../support/satellite-installation.ts';
import { tinyMissing } from '../support/tiny-body.ts';
import { top } from '../support/top.ts';

const ownersAndModes = `
/etc/cron.d/mini-qmail-flush root:root 644
/usr/local/lib/mini-qmail root:root 755
/usr/local/lib/mini-qmail/mini-qmail-satellite root:root 755
/var/qmail root:root 755
/var/qmail/.satellite-installed root:root 644
/var/qmail/bin root:root 755
/var/qmail/control root:root 755
/var/qmail/control/me root:root 644
/var/qmail/control/qmqpservers root:root 644
/var/qmail/control/spool root:root 644
/var/qmail/man/man1/sendmail.1 root:root 644
/var/spool/mini-qmail root:root 700
`;

describe('an installation of the satellite', { skip: missing }, () => {
  let host: PrivateHost;
  let untouched: HostState;

  before(async () => {
    host = await startPrivateHost({ binds: { [tree]: top } });
    untouched = await stateOf(host);
  });

  after(() => host.close());

  test('in a dry run says what it would do, and does nothing', async () => {
    const said = await host.sh(`${install} --dry-run ${given} --flush cron`);
    match(said, /^satellite-install: \/var\/qmail\/control\/qmqpservers: would be written$/m);
    match(said, /satellite-install: nothing was changed\n$/);
    ok(!/: (made|installed|linked|written)/.test(said), said);
    deepStrictEqual(changes(untouched, await stateOf(host)), []);
  });

  test('makes what it says, with owners and modes', async () => {
    const said = await host.sh(`${install} ${given} --flush cron --replace-sendmail`);
    match(said, /satellite-install: done; .*\n$/);
    const paths = [...ownersAndModes.matchAll(/^(\S+) /gm)].map(([, path]) => path);
    strictEqual(`\n${await host.sh(`stat -c '%n %U:%G %a' ${paths.join(' ')}`)}`, ownersAndModes);
    strictEqual(
      await host.sh('cd /var/qmail/control; cat me qmqpservers defaulthost spool'),
      'box.example\n127.0.0.1:6280\nhub.example\n/var/spool/mini-qmail\n',
    );
    match(
      await host.sh('cat /etc/cron.d/mini-qmail-flush'),
      /^\* \* \* \* \* root QMAILHOME=\/var\/qmail \S/m,
    );
    strictEqual(
      await host.sh(
        'readlink -f /usr/sbin/sendmail /usr/lib/sendmail /usr/bin/mailq /usr/bin/newaliases | uniq',
      ),
      '/usr/local/lib/mini-qmail/mini-qmail-satellite\n',
    );
    const programs = (await host.sh('/usr/local/lib/mini-qmail/mini-qmail-satellite --help'))
      .replace(/[\s\S]*programs: /, '')
      .trim();
    await host.sh(`cd /var/qmail/bin; for name in ${programs}; do test -x $name; done`);
  });

  test('run again it finds all as it should be, and leaves what the administrator changed', async () => {
    const installed = await stateOf(host);
    const again = await host.sh(`${install} ${given} --flush cron`);
    deepStrictEqual(
      again.split('\n').filter((line) => line !== '' && !line.endsWith(': ok')),
      ['satellite-install: done; to look whether mail goes out: /var/qmail/bin/qmail-doctor'],
    );
    deepStrictEqual(changes(installed, await stateOf(host)), []);
    await host.sh('rm /var/qmail/bin/mailq');
    const mended = await host.sh(`${install} --hub 192.0.2.1`);
    match(mended, /^satellite-install: \/var\/qmail\/bin\/mailq: linked$/m);
    match(mended, /^satellite-install: look: \/var\/qmail\/control\/qmqpservers is left as it is/m);
    strictEqual(await host.sh('cat /var/qmail/control/qmqpservers'), '127.0.0.1:6280\n');
  });

  test('what no hub takes waits in the spool, and what cron calls sends it', async () => {
    await host.sh("printf 'Subject: early\\n\\n' | /usr/sbin/sendmail root");
    const refused = await host.run([install, '--remove']);
    strictEqual(refused.exit, 70);
    match(refused.stderr, /there is mail in \/var\/spool\/mini-qmail/);
    const hub = await startLocalHub(host);
    try {
      const line = "sed -n 's/^\\* \\* \\* \\* \\* root //p' /etc/cron.d/mini-qmail-flush";
      await host.sh(`eval "$(${line})"`);
      await hub.delivered('early');
      await host.sh("printf 'Subject: later\\n\\n' | /usr/lib/sendmail root");
      await hub.delivered('later');
    } finally {
      await hub.close();
    }
  });

  test('removed, it leaves the host as it was', async () => {
    match(await host.sh(`${install} --remove --dry-run`), /nothing was changed\n$/);
    match(await host.sh(`${install} --remove`), /satellite-install: done\n$/);
    deepStrictEqual(changes(untouched, await stateOf(host)), []);
    match((await host.run([install, '--remove'])).stderr, /nothing was installed there/);
  });
});

test(
  'the native executable takes the place of the one on Node, and of the two one is called',
  { skip: missing || tinyMissing },
  () =>
    withHost(async (host) => {
      const untouched = await stateOf(host);
      await host.sh(`${install} ${given} --flush cron --replace-sendmail`);
      const said = await host.sh(`${install} --tiny --spool /var/spool/mini-qmail --flush cron`);
      match(said, /done; to look whether mail goes out: send a message, and \/var\/qmail\/bin\/mailq/);
      const called = 'readlink -f /usr/sbin/sendmail /usr/bin/mailq /var/qmail/bin/qmail-flush | uniq';
      strictEqual(await host.sh(called), '/usr/local/lib/mini-qmail/mini-qmail-tiny\n');
      await host.sh('test -e /usr/local/lib/mini-qmail/LICENSE.quickjs');
      await host.sh("printf 'Subject: kept\\n\\n' | /usr/sbin/sendmail root");
      const hub = await startLocalHub(host);
      try {
        const line = "sed -n 's/^\\* \\* \\* \\* \\* root //p' /etc/cron.d/mini-qmail-flush";
        await host.sh(`eval "$(${line})"`);
        await hub.delivered('kept');
      } finally {
        await hub.close();
      }
      match(await host.sh(`${install} --remove`), /satellite-install: done\n$/);
      deepStrictEqual(changes(untouched, await stateOf(host)), []);
    }),
);

const systemdMissing = findProgram('systemd-analyze') === undefined && 'systemd-analyze: not installed';

test(
  'the timer is for the home, the user and the spool of the host, and systemd understands it',
  { skip: missing || systemdMissing },
  () =>
    withHost(async (host) => {
      await host.sh('mkdir -p /srv/qmail/control; echo /srv/drop >/srv/qmail/control/drop');
      const untouched = await stateOf(host);
      await host.sh(
        `${install} --home /srv/qmail --me box.example --hub 127.0.0.1 --spool /srv/spool --user www-data --flush systemd`,
      );
      strictEqual(await host.sh('stat -c "%U %a" /srv/spool'), 'www-data 700\n');
      const unit = await host.sh('cat /etc/systemd/system/mini-qmail-flush.service');
      match(unit, /^User=www-data$/m);
      match(unit, /^Environment=QMAILHOME=\/srv\/qmail$/m);
      match(unit, /^ReadWritePaths=\/srv\/spool -\/srv\/drop -\/var\/spool$/m);
      strictEqual(
        await host.sh(
          'systemd-analyze verify --man=no mini-qmail-flush.service mini-qmail-flush.timer 2>&1 | grep mini-qmail || :',
        ),
        '',
      );
      await host.sh(`${install} --home /srv/qmail --remove`);
      deepStrictEqual(changes(untouched, await stateOf(host)), []);
    }),
);

test('what was there before is there after it', { skip: missing }, () =>
  withHost(async (host) => {
    await host.sh('mkdir -p /var/qmail/control /var/spool/mini-qmail; chmod 750 /var/spool/mini-qmail');
    await host.sh('echo mine.example >/var/qmail/control/me');
    const untouched = await stateOf(host);
    const said = await host.sh(`${install} ${given} --flush cron`);
    match(said, /^satellite-install: look: \/var\/qmail\/control\/me is left as it is/m);
    match(said, /^satellite-install: \/usr\/sbin\/sendmail: left alone/m);
    await host.sh('echo 192.0.2.7 >>/var/qmail/control/qmqpservers');
    match(
      await host.sh(`${install} --remove`),
      /^satellite-install: \/var\/qmail\/control\/qmqpservers: left, it was changed$/m,
    );
    await host.sh('rm /var/qmail/control/qmqpservers');
    deepStrictEqual(changes(untouched, await stateOf(host)), []);
  }),
);

test('what cannot be right is refused before anything is changed', { skip: missing }, () =>
  withHost(async (host) => {
    await host.sh(
      'mkdir -p /srv/qmail/control /srv/qmail/bin /srv/open/above; touch /srv/qmail/bin/sendmail; chmod 777 /srv/open',
    );
    await host.sh(`
      mkdir -p /srv/shared/of-others /srv/used/queue /srv/third/control; ln -s /etc /srv/used/tally
      echo spool/old >/srv/third/control/spool`);
    const before = await stateOf(host);
    const refusals: readonly (readonly [string, number, RegExp])[] = [
      ['--wrong', 64, /^usage: scripts\/satellite-install/],
      ['--flush sometimes', 64, /^usage/],
      ['--hub', 64, /^usage/],
      ['--home relative', 70, /give an absolute path/],
      ['--spool "/srv/a b"', 70, /give an absolute path/],
      ['--lib /srv/missing/lib', 70, /\/srv\/missing is missing/],
      ['--lib /srv/open/above/lib', 70, /\/srv\/open is not root's alone/],
      ['--home /etc', 70, /\/etc holds something else/],
      ['--home /srv/qmail', 70, /is a hub installed/],
      ['--home /srv/other --replace-sendmail', 70, /for \/var\/qmail/],
      ['--flush cron', 70, /without --spool there is nothing to send later/],
      ['--user nobody-here', 70, /there is no such user/],
      ['--spool /srv/shared', 70, /\/srv\/shared holds something else.*\/srv\/shared\/mini-qmail/],
      ['--spool /srv/open', 70, /\/srv\/open: others write there/],
      ['--spool /srv/qmail/bin/sendmail', 70, /it is no directory/],
      ['--spool /srv/used', 70, /\/srv\/used\/tally is no directory/],
      ['--spool /srv/missing/spool', 70, /\/srv\/missing is missing/],
      ['--home /srv/third --spool /srv/spool', 70, /control\/spool says \/srv\/third\/spool\/old/],
      ['--remove', 70, /nothing was installed there/],
    ];
    for (const [words, exit, text] of refusals) {
      const refused = await host.run(['sh', '-c', `${install} ${words}`]);
      strictEqual(refused.exit, exit, `${words}: ${refused.stdout}${refused.stderr}`);
      match(refused.stderr, text);
    }
    const user = await host.run(['setpriv', '--reuid=65534', '--clear-groups', install]);
    match(user.stderr, /only root can do this/);
    deepStrictEqual(changes(before, await stateOf(host)), []);
  }),
);

const busyboxMissing = findProgram('busybox') === undefined && 'busybox: not installed';

test("it runs under busybox's shell", { skip: missing || busyboxMissing }, () =>
  withHost(async (host) => {
    const untouched = await stateOf(host);
    await host.sh(`busybox sh ${install} ${given} --flush cron --replace-sendmail`);
    match(await host.sh('/usr/sbin/sendmail --help'), /^sendmail/m);
    await host.sh(`busybox sh ${install} --remove`);
    deepStrictEqual(changes(untouched, await stateOf(host)), []);
  }),
);
