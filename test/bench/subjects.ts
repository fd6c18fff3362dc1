/** What is measured under load: our hub, and those beside it that are installed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { findProgram } from '../support/foreign.ts';
import { type PostfixOptions, postfixMissing, startPostfix } from '../support/postfix.ts';
import { until } from '../support/until.ts';
import { unusedPort } from '../support/unused-port.ts';
import { startHub } from './hub.ts';
import { isLoadInstalled } from './load.ts';

/** A QMQP or SMTP server that runs. */
export interface Server {
  readonly port: number;
  /** An address that it delivers to. */
  readonly recipient: string;
  readonly command: string;
  /** How many messages have come to its Maildir, if it has one. */
  delivered?(): number;
  stop(): Promise<void>;
}

export interface Subject {
  readonly name: string;
  readonly isInstalled: boolean;
  start(): Promise<Server>;
}

const ourRecipient = 'you@hub.example';

/** As many as may wait to be accepted: more than the bench opens. */
const backlog = 256;

function canConnect(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(undefined));
  });
}

async function startSink(name: string, options: readonly string[] = []): Promise<Server> {
  const port = await unusedPort();
  const args = [...options, `127.0.0.1:${port}`, String(backlog)];
  const child = spawn(findProgram(name) ?? '', args, { stdio: 'ignore' });
  const ended = once(child, 'close');
  const kill = () => child.kill('SIGTERM');
  process.once('exit', kill);
  await until(`${name} to listen`, () => canConnect(port));
  return {
    port,
    recipient: ourRecipient,
    command: [name, ...options, `127.0.0.1:PORT ${backlog}`].join(' '),
    async stop() {
      process.off('exit', kill);
      kill();
      await ended;
    },
  };
}

/** Takes everything and keeps nothing: the ceiling. */
export const qmqpSink: Subject = {
  name: 'qmqp-sink',
  isInstalled: findProgram('qmqp-sink') !== undefined,
  start: () => startSink('qmqp-sink'),
};

/** Its like; root's becomes nobody. */
export const smtpSink: Subject = {
  name: 'smtp-sink',
  isInstalled: findProgram('smtp-sink') !== undefined,
  start: () => startSink('smtp-sink', process.getuid?.() === 0 ? ['-u', 'nobody'] : []),
};

/** qmqp-source sends one message all the time, Message-ID and all: a hub that remembers it would take it once. */
const forgetful = { submissionmemory: '0\n' };

/** `controls`: control files of our hub on top of me and locals. */
export function ourHub(controls: Readonly<Record<string, string>>): Subject {
  return {
    name: 'ours',
    isInstalled: true,
    start: async () => ({
      ...(await startHub({ controls: { ...forgetful, ...controls } })),
      recipient: ourRecipient,
    }),
  };
}

/** The same, over SMTP. */
export function ourSmtpHub(controls: Readonly<Record<string, string>>): Subject {
  return {
    name: 'ours',
    isInstalled: true,
    async start() {
      // All clients of the bench come from one address.
      const own = { ...forgetful, concurrencysmtpperip: '1000\n', ...controls };
      const hub = await startHub({ controls: own, smtp: true });
      return { ...hub, port: hub.smtpPort, recipient: ourRecipient };
    },
  };
}

/** A Postfix with an SMTP server, and without deliveries. */
export const postfixSmtp: Subject = {
  name: 'postfix',
  isInstalled: postfixMissing() === false,
  async start() {
    const server = await startPostfix({ smtp: true, deliver: false });
    return {
      port: server.smtpPort,
      recipient: server.address,
      command: 'postfix: master with smtpd on 127.0.0.1:PORT, without qmgr',
      stop: server.stop,
    };
  },
};

/** A Postfix of the bench's own. */
export function postfix(options: PostfixOptions): Subject {
  return {
    name: 'postfix',
    isInstalled: postfixMissing() === false,
    async start() {
      const server = await startPostfix(options);
      const says = options.deliver === false ? 'without qmgr' : `with ${options.deliveries} local deliveries`;
      return {
        port: server.qmqpPort,
        recipient: server.address,
        command: `postfix: master with qmqpd on 127.0.0.1:PORT, ${says}`,
        delivered: () => server.delivered().length,
        stop: server.stop,
      };
    },
  };
}

/** A subject in the middle of a case. */
export interface Running {
  readonly name: string;
  readonly server: Server;
  /** What has been measured so far. */
  readonly figures: Record<string, number>;
  readonly commands: Set<string>;
}

/** Starts those that are installed, ours first. */
export async function startAll(subjects: readonly Subject[]): Promise<readonly Running[]> {
  if (!isLoadInstalled) throw new Error('qmqp-source is not installed (Debian: postfix)');
  const running: Running[] = [];
  try {
    for (const { name, start } of subjects.filter((subject) => subject.isInstalled)) {
      const server = await start();
      running.push({ name, server, figures: {}, commands: new Set([server.command]) });
    }
    return running;
  } catch (error) {
    await stopAll(running);
    throw error;
  }
}

export async function stopAll(running: readonly Running[]): Promise<void> {
  for (const { server } of running) await server.stop();
}
