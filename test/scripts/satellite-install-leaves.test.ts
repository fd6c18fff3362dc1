/** What scripts/satellite-install must leave alone: mail, the user that a spool belongs to, and the programs of others. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { changes } from '../support/host-state.ts';
import { startLocalHub } from '../support/local-hub.ts';
import { given, install, missing, names, stateOf, withHost } from '../support/satellite-installation.ts';

test("root's mail is sent by the flush of the user that the spool belongs to", { skip: missing }, () =>
  withHost(async (host) => {
    const untouched = await stateOf(host);
    const again = `${install} ${given} --user www-data --flush cron`;
    await host.sh(again);
    const strangers = 'find /var/spool/mini-qmail ! -user www-data -o -type d ! -perm 700';
    strictEqual(await host.sh(strangers), '');
    const send = (subject: string) =>
      host.sh(`printf 'Subject: ${subject}\n\n' | /var/qmail/bin/sendmail root`);
    await send('early');
    strictEqual(await host.sh(strangers), '');
    // As after an installation that left all of it to root.
    await host.sh('cd /var/spool/mini-qmail; rm -r failed; chown -R root:root queue; chmod 755 queue');
    match(
      await host.sh(again),
      /^satellite-install: what is in \/var\/spool\/mini-qmail: made for www-data$/m,
    );
    strictEqual(await host.sh(strangers), '');
    const hub = await startLocalHub(host);
    try {
      const line = "sed -n 's/^\\* \\* \\* \\* \\* www-data //p' /etc/cron.d/mini-qmail-flush";
      await host.sh(`setpriv --reuid=www-data --clear-groups sh -c "$(${line})"`);
      await hub.delivered('early');
    } finally {
      await hub.close();
    }
    await host.sh(`${install} --remove`);
    deepStrictEqual(changes(untouched, await stateOf(host)), []);
  }),
);

/** A program that does something before it is what it seems to be. */
const trap = (name: string, words: string, action: string) => `
  printf '#!/bin/sh\\ncase $* in %s) %s ;; esac\\nexec /usr/bin/%s "$@"\\n' '${words}' '${action}' ${name} >/usr/local/bin/${name}
  chmod 755 /usr/local/bin/${name}`;

test(
  'what is kept while it is removed stays, and so does what is in any of its spools',
  { skip: missing },
  () =>
    withHost(async (host) => {
      await host.sh(`rm -f ${names}`);
      const untouched = await stateOf(host);
      await host.sh(`${install} ${given} --flush cron`);
      const queue = '/var/spool/mini-qmail/queue';
      const refuses = async (place: string) => {
        const { exit, stderr } = await host.run([install, '--remove']);
        strictEqual(exit, 70);
        match(stderr, new RegExp(`there is mail in ${place}`));
      };
      // Of an installation that once had another spool.
      const manifest = '/var/qmail/.satellite-installed';
      await host.sh(
        `mkdir -p /srv/old/queue; echo mail >/srv/old/queue/1; echo spool /srv/old >>${manifest}`,
      );
      await refuses('/srv/old');
      await host.sh('test -h /usr/sbin/sendmail; rm -r /srv/old');
      // A message that comes before the last look, and one after it.
      await host.sh(trap('rm', '*cron.d*', `echo mail >${queue}/2`));
      await refuses('/var/spool/mini-qmail');
      strictEqual(await host.sh(`cat ${queue}/2; ls ${names} 2>/dev/null || :`), 'mail\n');
      await host.sh(`rm /usr/local/bin/rm ${queue}/2`);
      await host.sh(trap('rmdir', '*queue', `echo mail >${queue}/3`));
      await refuses('/var/spool/mini-qmail');
      strictEqual(await host.sh(`cat ${queue}/3`), 'mail\n');
      await host.sh('rm /usr/local/bin/rmdir');
      await host.sh(`${install} --remove --remove-mail`);
      deepStrictEqual(changes(untouched, await stateOf(host)), []);
    }),
);

test('the programs of a mail system that came after it are left to that one', { skip: missing }, () =>
  withHost(async (host) => {
    await host.sh(`rm -f ${names}`);
    await host.sh(`${install} ${given} --flush none`);
    // As dpkg does it; the third is no program but a link to one, and the fourth is still ours.
    await host.sh(`
      for name in /usr/sbin/sendmail /usr/lib/sendmail; do echo other >$name.dpkg-new; mv -f $name.dpkg-new $name; done
      ln -sf ../sbin/sendmail /usr/bin/mailq`);
    match(
      await host.sh(`${install} --remove`),
      /^satellite-install: \/usr\/sbin\/sendmail: left, it is not the link that was made$/m,
    );
    strictEqual(await host.sh('cat /usr/sbin/sendmail /usr/lib/sendmail'), 'other\nother\n');
    strictEqual(await host.sh('readlink /usr/bin/mailq; ls /usr/bin/newaliases || :'), '../sbin/sendmail\n');
  }),
);

test('what was put aside late, or has another program in its place, is not lost', { skip: missing }, () =>
  withHost(async (host) => {
    await host.sh(`rm -f ${names}`);
    await host.sh(`${install} ${given} --flush none`);
    await host.sh(`for name in ${names}; do rm $name; echo late >$name; done`);
    await host.sh(`${install} --replace-sendmail`);
    await host.sh('rm /usr/bin/mailq; echo latest >/usr/bin/mailq');
    match(
      await host.sh(`${install} --remove`),
      /^satellite-install: look: \/usr\/bin\/mailq is not what was put aside; that is still \S+\.before-mini-qmail$/m,
    );
    strictEqual(
      await host.sh(`cat ${names} /usr/bin/mailq.before-mini-qmail`),
      'late\nlate\nlatest\nlate\nlate\n',
    );
  }),
);
