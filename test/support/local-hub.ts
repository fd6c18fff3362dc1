/** A hub on a private host, on the port of the documents, as an ordinary user of it: what a satellite there is set up for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { PrivateHost } from './private-host.ts';
import { until } from './until.ts';

export interface LocalHub {
  /** Waits until a message with this subject is in the Maildir, and answers it. */
  delivered(subject: string): Promise<string>;
  close(): Promise<void>;
}

const home = '/opt/local-hub';

/** It listens on 127.0.0.1:6280, and takes mail for hub.example. Where the executable is there, `executable` says. */
export async function startLocalHub(
  host: PrivateHost,
  executable = '/tree/dist/mini-qmail',
): Promise<LocalHub> {
  await host.sh(`
    mkdir -p ${home}/control ${home}/queue ${home}/home
    for name in me locals; do echo hub.example >${home}/control/$name; done
    ${executable} maildirmake ${home}/home/Maildir
    chown -R nobody ${home}/queue ${home}/home`);
  const hub = `exec env -i QMAILHOME=${home} PATH=/usr/bin:/bin ${executable} qmail-start --embedded --user nobody \
    --home ${home}/home --qmqp 127.0.0.1:6280 ./Maildir/`;
  const words = host.command(['sh', '-c', `echo $$ >${home}/pid; ${hub}`], home);
  const [program = '', ...args] = words;
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      log += chunk.toString('latin1');
    });
  }
  const ended = once(child, 'close');
  await until('the hub to listen', () => {
    if (child.exitCode !== null) throw new Error(`the hub has ended:\n${log}`);
    return log.includes('listening qmqp') || undefined;
  });
  return {
    async delivered(subject) {
      return await until(`${subject} to arrive`, async () => {
        const words = ['grep', '-rl', `^Subject: ${subject}$`, `${home}/home/Maildir/new`];
        const { stdout } = await host.run(words);
        const [path] = stdout.split('\n');
        return path ? await host.sh(`cat ${path}`) : undefined;
      });
    },
    async close() {
      // A signal to nsenter would not reach the hub.
      await host.sh(`kill $(cat ${home}/pid); rm -r ${home}/pid`);
      await ended;
    },
  };
}
