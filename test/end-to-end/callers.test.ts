/** Those who call sendmail without being told that it is ours: cron, mail, PHP. Their mail is at the hub. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type BoxHost, boxHostMissing, startBoxHost } from '../support/box-host.ts';
import { needs } from '../support/foreign.ts';

describe('callers of sendmail', { skip: boxHostMissing }, () => {
  let host: BoxHost;
  before(async () => {
    host = await startBoxHost();
  });
  after(() => host.close());

  test("Debian's cron: what a job prints", needs('cron'), async () => {
    const name = (await host.sh('uname -n')).trim();
    const jobs = ['@reboot root :', '@reboot root echo the backup is done', 'MAILTO=admin@hub.test'];
    const last = '@reboot nobody echo the disk is full; echo and it is hot >&2; exit 1';
    // It takes no table that others may write, and none whose last line does not end.
    writeFileSync(`${host.root}/etc/cron.d/box`, [...jobs, last, ''].join('\n'), { mode: 0o644 });
    // It ends with the host.
    await host.sh('cron');
    const own = await host.message(`Cron <root@${name}> echo the backup is done`);
    match(own, /^Delivered-To: root@box\.test$/m);
    match(own, /^From: root@box\.test \(Cron Daemon\)$/m);
    match(own, /^X-Cron-Env: <LOGNAME=root>$/m);
    ok(own.endsWith('\n\nthe backup is done\n'), own);
    const command = 'echo the disk is full; echo and it is hot >&2; exit 1';
    const other = await host.message(`Cron <nobody@${name}> ${command}`);
    match(other, /^Delivered-To: admin@hub\.test$/m);
    ok(other.endsWith('\n\nthe disk is full\nand it is hot\n'), other);
    ok(!host.has(`Cron <root@${name}> :`));
  });

  test('mail (bsd-mailx): recipients, copies, and a text with a lone dot', needs('bsd-mailx'), async () => {
    const send = `printf 'before\\n.\\nafter\\n' |
      bsd-mailx -s 'from mail' -c cc@hub.test -b bcc@hub.test -- to@hub.test root`;
    const env = { PATH: '/usr/sbin:/usr/bin:/bin', USER: 'joe', LOGNAME: 'joe', HOME: '/' };
    await host.sh(send, { env });
    const sent = await host.message('from mail');
    match(sent, /^From: joe@box\.test$/m);
    match(sent, /^To: root@box\.test, to@hub\.test$/m);
    match(sent, /^Cc: cc@hub\.test$/m);
    ok(!/^Bcc:/m.test(sent) && sent.includes('\n\nbefore\n.\nafter\n'), sent);
    const log = await host.sh('cat /srv/hub.log');
    const [, message = ''] = /^info (msg \d+): bytes \d+ from <joe@box\.test>/m.exec(log) ?? [];
    const delivered = [...log.matchAll(/^starting delivery \d+: (msg \d+) to local (\S+)$/gm)];
    const recipients = delivered.flatMap(([, of, address = '']) => (of === message ? [address] : []));
    const all = ['bcc@hub.test', 'cc@hub.test', 'root@box.test', 'to@hub.test'];
    deepStrictEqual(recipients.toSorted(), all);
  });

  test('mail() of PHP: sendmail_path, a sender, and a hub that is down', needs('php'), async () => {
    const php = (code: string, ...settings: readonly string[]) =>
      host.run(['php', ...settings.flatMap((setting) => ['-d', setting]), '-r', code]);
    const path = 'sendmail_path=/usr/sbin/sendmail -t -i';
    const mail = (subject: string, ...more: readonly string[]) => {
      const given = ['you@hub.test', subject, '.\\r\\ntext\\r\\n', 'From: Shop <shop@box.test>', ...more];
      return `exit(mail(${given.map((word) => `"${word}"`).join(', ')}) ? 0 : 7);`;
    };
    const sent = await php(mail('from PHP', '-fbounces@box.test'), path);
    deepStrictEqual([sent.exit, sent.stdout, sent.stderr], [0, '', '']);
    const message = await host.message('from PHP');
    match(message, /^Return-Path: <bounces@box\.test>$/m);
    match(message, /^Delivered-To: you@hub\.test$/m);
    match(message, /^From: Shop <shop@box\.test>$/m);
    ok(message.includes('\n\n.\ntext\n') && !message.includes('\r'), message);
    strictEqual((await php(mail('without a setting'))).exit, 0);
    await host.message('without a setting');

    await host.stopHub();
    const refused = await php(mail('nobody is there'), path);
    const version = Number((await php('echo PHP_VERSION_ID;')).stdout);
    // From 8.5 on PHP takes 75 for success.
    strictEqual(refused.exit, version < 80_500 ? 7 : 0);
    match(refused.stderr, /^sendmail: fatal: .*127\.0\.0\.1:6280: connection refused$/m);
  });
});
