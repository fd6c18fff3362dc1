/** A private host that is a box of somebody's: /usr/sbin/sendmail is the satellite's, and its hub runs beside it. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { executablesMissing } from './executables.ts';
import { type PrivateHost, privateHostMissing, startPrivateHost } from './private-host.ts';
import { top } from './top.ts';
import { until } from './until.ts';

export interface BoxHost extends PrivateHost {
  /** The first message whose Subject is this; waits for it. */
  message(subject: string): Promise<string>;
  /** Whether a message with this Subject has come. */
  has(subject: string): boolean;
  stopHub(): Promise<void>;
}

/** Why there can be no such host, or false. */
export const boxHostMissing: string | false = privateHostMissing || executablesMissing;

const hub = '/srv/hub';
const port = 6280;

const setUp = `
mkdir -p ${hub}/home ${hub}/queue
export QMAILHOME=${hub}
/tree/dist/mini-qmail config-fast hub.test
echo box.test >>${hub}/control/locals
chown nobody ${hub}/home ${hub}/queue
setpriv --reuid nobody --regid nogroup --clear-groups /tree/dist/mini-qmail maildirmake ${hub}/home/Maildir
setsid /tree/dist/mini-qmail qmail-start --embedded --user nobody --qmqp 127.0.0.1:${port} ./Maildir/ \\
  >/srv/hub.log 2>&1 </dev/null &
echo $! >/srv/hub.pid
`;

/** The caller closes it. */
export async function startBoxHost(): Promise<BoxHost> {
  const host = await startPrivateHost({ binds: { '/tree': top } });
  const { root } = host;
  for (const path of ['/usr/sbin/sendmail', '/usr/lib/sendmail']) {
    rmSync(`${root}${path}`, { force: true });
    symlinkSync('/tree/dist/mini-qmail-satellite', `${root}${path}`);
  }
  rmSync(`${root}/var/qmail`, { recursive: true, force: true });
  mkdirSync(`${root}/var/qmail/control`, { recursive: true });
  writeFileSync(`${root}/var/qmail/control/me`, 'box.test\n');
  writeFileSync(`${root}/var/qmail/control/qmqpservers`, `127.0.0.1:${port}\n`);
  const log = `${root}/srv/hub.log`;
  const mailbox = `${root}${hub}/home/Maildir/new`;
  const find = (subject: string) =>
    readdirSync(mailbox)
      .map((name) => readFileSync(`${mailbox}/${name}`, 'latin1'))
      .find((text) => text.replaceAll('\r', '').includes(`\nSubject: ${subject}\n`));
  try {
    await host.sh(setUp);
    const listens = () => (existsSync(log) && readFileSync(log, 'latin1').includes('listening')) || undefined;
    await until('the hub to listen', listens);
  } catch (error) {
    await host.close();
    throw error;
  }
  return {
    ...host,
    message: (subject) => until(`the message ${subject}`, () => find(subject)),
    has: (subject) => find(subject) !== undefined,
    async stopHub() {
      await host.sh('kill "$(cat /srv/hub.pid)"');
      const ended = () => readFileSync(log, 'latin1').includes('status: exiting') || undefined;
      await until('the hub to end', ended);
    },
  };
}
