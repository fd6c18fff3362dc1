/**
 * Mail for other hosts, recipient by recipient as qmail-send asks for it: what is of one message and for one destination
 * goes in one transaction, and over a connection that is kept for what comes next.
 */
import { splitAddress } from '../mail/index.ts';
import { type Answer, type ByteString, errorText, lowerAscii } from '../system/index.ts';
import { answersOf } from './answers.ts';
import { createConnectionPool } from './connection-pool.ts';
import { createGathering } from './gathering.ts';
import type { Outgoing, Prepare } from './outgoing.ts';
import type { Route } from './route.ts';
import { type Destination, type MailSender, sendMail } from './send-mail.ts';
import type { RemoteSettings, SettingsSource } from './settings.ts';
import type { Connection, Delivered } from './transport.ts';

export interface RemoteJob {
  /** The same for the same message, as long as one of its recipients is tried. */
  readonly message: ByteString;
  readonly sender: ByteString;
  readonly recipient: ByteString;
  /** The message. Called for one of those jobs that go together. */
  readonly fetch: () => Promise<HeldBody>;
}

export interface HeldBody {
  readonly body: Outgoing['body'];
  /** It is not read any more. */
  release(): void;
}

export interface RemoteSender {
  /** Never rejects. */
  deliver(job: RemoteJob): Promise<Answer>;
  close(): void;
}

export interface RemoteSenderOptions {
  readonly settings: SettingsSource;
  readonly sender: MailSender;
  readonly prepare: Prepare;
}

interface Waiting {
  readonly job: RemoteJob;
  readonly destination: Destination;
  readonly settings: RemoteSettings;
  readonly resolve: (answer: Answer) => void;
}

/** What jobs must have in common to go over the same connection. */
function nameOf({ route, domain }: Destination): string {
  const { protocol, relay, tls, implicitTls, user = '' } = route;
  const where = relay === undefined ? `mx ${lowerAscii(domain)}` : `${lowerAscii(relay.host)} ${relay.port}`;
  return `${protocol} ${where} ${tls} ${implicitTls} ${user}`;
}

export function createRemoteSender({ settings, sender, prepare }: RemoteSenderOptions): RemoteSender {
  const pool = createConnectionPool();
  /** Messages that have gone over a connection. */
  const messages = new WeakMap<Connection, number>();
  let closed = false;

  function keep(name: string, connection: Connection, { idleMs, messagesMax }: RemoteSettings): void {
    const count = (messages.get(connection) ?? 0) + 1;
    messages.set(connection, count);
    if (closed || idleMs === 0 || count >= messagesMax) connection.close();
    else pool.keep(name, connection, idleMs);
  }

  async function send(name: string, jobs: readonly Waiting[]): Promise<Delivered> {
    const [first] = jobs;
    if (first === undefined) throw new Error('nobody waits');
    const { job, destination, settings: current } = first;
    const held = await job.fetch();
    try {
      const recipients = jobs.map((one) => one.job.recipient);
      const { message, sender: from } = job;
      const outgoing = await prepare({ message, sender: from, recipients, body: held.body });
      const sent = await sendMail(sender, destination, outgoing, current, pool.take(name));
      if (sent.connection !== undefined) keep(name, sent.connection, current);
      return sent.delivered;
    } finally {
      held.release();
    }
  }

  const gathering = createGathering<Waiting>(async (name, jobs) => {
    try {
      const delivered = await send(name, jobs);
      const answers = answersOf(delivered, jobs.length);
      for (const [index, { resolve }] of jobs.entries()) resolve(answers[index] ?? delivered.message);
    } catch (error) {
      const answer: Answer = { verdict: 'Z', text: `${errorText(error)} (#4.3.0)\n` };
      for (const { resolve } of jobs) resolve(answer);
    }
  });

  return {
    async deliver(job) {
      const { domain } = splitAddress(job.recipient);
      if (domain === undefined || domain === '') {
        return { verdict: 'D', text: 'Sorry, address must include host name. (#5.1.3)\n' };
      }
      let current: RemoteSettings;
      let route: Route;
      try {
        current = settings.current();
        route = current.routeOf(domain);
      } catch (error) {
        return { verdict: 'Z', text: `${errorText(error)} (#4.3.5)\n` };
      }
      const destination = { route, domain };
      const limits = { waysMax: current.connectionsMax, togetherMax: current.recipientsMax };
      return await new Promise((resolve) => {
        const waiting = { job, destination, settings: current, resolve };
        gathering.add(nameOf(destination), `${job.message}\0${job.sender}`, waiting, limits);
      });
    },
    close() {
      closed = true;
      pool.close();
    },
  };
}
