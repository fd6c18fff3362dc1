/**
 * The native satellite on a small box: with 4 MB for each of its processes, the mail of cron and of mail, and what has waited
 * in the spool, reach our hub and Postfix's QMQP server, both in the box's network and not on its disk.
 */
import { match, strictEqual } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { localAddress, portOf } from '../support/built-hub.ts';
import { builtExecutable } from '../support/executables.ts';
import { startHub } from '../support/hub.ts';
import { startPostfix } from '../support/postfix.ts';
import { startPrivateHost } from '../support/private-host.ts';
import { until } from '../support/until.ts';

export interface SmallBox {
  /** How many messages wait in the spool for each of the hubs. */
  readonly messages: number;
  /** A directory whose files are the box's; / without it. */
  readonly from?: string;
  /** Where the executable is, in the box. */
  readonly executable: string;
  readonly binds?: Readonly<Record<string, string>>;
}

const limitKilobytes = 4096;

const drainMsMax = 120_000;

/** On a disk that is busy with other things, too. */
const messageMsMax = 600;

/** Somewhere that mail can go, and how to see what has come. */
interface Destination {
  readonly port: number;
  readonly address: string;
  texts(): readonly string[];
}

/** Links for the programs, of which sendmail and qmail-flush are called within the limit. */
const setUp = (executable: string) => `
rm -rf /var/qmail /var/spool/mini-qmail /usr/sbin/sendmail /usr/lib/sendmail /usr/sbin/qmail-flush
mkdir -p /opt/small /var/qmail/control
for name in sendmail qmail-flush; do
  ln -sf ${executable} /opt/small/$name
  printf '#!/bin/sh\\nulimit -v ${limitKilobytes}\\nexec /opt/small/%s "$@"\\n' $name >/usr/sbin/$name
  chmod 755 /usr/sbin/$name
done
ln -s ../sbin/sendmail /usr/lib/sendmail
echo box.test >/var/qmail/control/me
echo /var/spool/mini-qmail >/var/qmail/control/spool`;

export async function smallBox(context: TestContext, box: SmallBox): Promise<void> {
  const { messages, from = '/', executable, binds = {} } = box;
  const timeoutMs = drainMsMax + messages * messageMsMax;
  const host = await startPrivateHost({ from, binds });
  context.after(() => host.close());
  await host.sh(setUp(executable));
  const hub = await startHub({ command: [...host.besides, builtExecutable('mini-qmail')] });
  context.after(() => hub.stop());
  const postfix = await startPostfix({ besides: host.besides });
  context.after(() => postfix.stop());
  const destinations: readonly Destination[] = [
    { port: portOf(hub), address: localAddress, texts: () => hub.messages() },
    {
      port: postfix.qmqpPort,
      address: postfix.address,
      texts: () => postfix.delivered().map((path) => readFileSync(path, 'latin1')),
    },
  ];

  function arrival({ texts }: Destination, subject: string): Promise<string> {
    const find = () => texts().find((text) => text.includes(`\nSubject: ${subject}\n`));
    return until(subject, find, drainMsMax);
  }

  for (const [index, destination] of destinations.entries()) {
    const { port, address, texts } = destination;
    await host.sh(`echo 127.0.0.1:${port} >/var/qmail/control/qmqpservers`);
    const job = `MAILTO=${address}\n@reboot root echo the backup of ${index} is done\n`;
    writeFileSync(`${host.root}/etc/cron.d/box`, job, { mode: 0o644 });
    // The one before holds its lock until it has ended.
    await host.sh('rm -f /run/crond.reboot; until cron 2>/dev/null; do sleep 0.05; done');
    const name = (await host.sh('uname -n')).trim();
    const fromCron = await arrival(destination, `Cron <root@${name}> echo the backup of ${index} is done`);
    match(fromCron, /^From: root@box\.test \(Cron Daemon\)$/m);
    await host.sh('kill "$(cat /run/crond.pid)"');

    const env = { PATH: '/usr/sbin:/usr/bin:/bin', USER: 'joe', LOGNAME: 'joe', HOME: '/' };
    await host.sh(`echo text | bsd-mailx -s 'from mail ${index}' ${address}`, { env });
    match(await arrival(destination, `from mail ${index}`), /^From: joe@box\.test$/m);

    // Nobody is there, and later somebody is.
    const others = texts().length;
    await host.sh(
      `echo 127.0.0.1:1 >/var/qmail/control/qmqpservers
       for number in $(seq ${messages}); do
         printf 'Subject: %s\\nMessage-ID: <%s.${index}@box.test>\\n\\nit waited\\n' $number $number | sendmail ${address}
       done
       echo 127.0.0.1:${port} >/var/qmail/control/qmqpservers`,
      { timeoutMs },
    );
    await host.sh('qmail-flush --now', { timeoutMs });
    strictEqual(await host.sh('find /var/spool/mini-qmail/queue -type f -size +0 | wc -l'), '0\n');
    await until('what has waited', () => texts().length === others + messages || undefined, drainMsMax);
  }
}
