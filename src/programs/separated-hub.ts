/**
 * The hub that root starts: its programs, each as the user that it needs, and the pipes between them. This process hands
 * out what they need when they start and sees nothing of what goes through.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { homeDirectory } from '../control/index.ts';
import {
  type Account,
  type Crew,
  closeInherited,
  endCrew,
  type Member,
  ownCommand,
  supervise,
} from '../process/index.ts';
import type { ListenAddress, QmqpAddress, ServiceAddress } from '../serve/index.ts';
import { type ByteString, errorText, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { findHubAccounts, type HubAccounts } from './hub-accounts.ts';
import { complain } from './print.ts';
import { eventLines, type LogForm } from './run-hub.ts';

export interface SeparatedHubOptions {
  readonly system: System;
  readonly listen: readonly QmqpAddress[];
  /** Where it listens for smtp and smtps. */
  readonly smtp: readonly ServiceAddress[];
  /** Where it listens for qmtp. */
  readonly qmtp: readonly ServiceAddress[];
  /** Whether clients of SMTP may log in. */
  readonly smtpAuth: boolean;
  /** The same for pop3 and pop3s. */
  readonly pop3: readonly ServiceAddress[];
  readonly log: LogForm;
  /** ADDRESS:PORT. */
  readonly metrics: string | undefined;
  readonly delivery: ByteString;
  /** The program that takes the log, and its arguments. */
  readonly logger: readonly ByteString[];
}

const exitTemporary = 111;

/** Where a server has its first socket. */
const serverDescriptor = 3;

/** Where the spawn programs have their channel to qmail-send. */
const channelDescriptor = 3;

/** How long a part may take that has nothing left to wait for. */
const graceMs = 15_000;

/** Connections that the kernel keeps until they are accepted. */
const backlog = 511;

const passedOn = ['QMAILQUEUE', 'QMAILREMOTE'] as const;

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Descriptors of a process: 0, 1 and 2, and more. */
type Descriptors = StdioOptions & unknown[];

interface Start {
  readonly program: string;
  readonly args: readonly string[];
  /** Whom it runs as; root without it. */
  readonly account?: Account;
  readonly stdio: Descriptors;
}

interface Place {
  readonly env: NodeJS.ProcessEnv;
  readonly accounts: HubAccounts;
  /** Where parts write the log to. */
  readonly log: Socket | 'inherit';
  /** Logs an alert. */
  alert(text: string): void;
}

/** All identities at once, and no groups besides: that is what a gid given to spawn means to root. */
function startPart({ env, alert }: Place, name: string, part: Start): Member {
  const { program, args, account, stdio } = part;
  const identity = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  const child = spawn(program, [...args], { cwd: '/', env, stdio, ...identity });
  child.once('error', (error) => alert(`unable to start ${name}: ${errorText(error)}`));
  return { name, child };
}

function startOwn(
  place: Place,
  name: string,
  args: readonly string[],
  part: Omit<Start, 'program' | 'args'>,
): Member {
  const command = ownCommand(name, args);
  return startPart(place, name, { program: command.file, args: command.args, ...part });
}

/** Our end of a pipe to a part. A part that could not be started may have none. */
function pipeTo({ name, child }: Member, descriptor: number): Socket {
  const pipe = child.stdio?.[descriptor] as Socket | null | undefined;
  if (!pipe) throw new Error(`there are too few descriptors for ${name}`);
  return pipe;
}

interface ServerSocket {
  readonly socket: Server;
  readonly option: string;
}

/** A socket that listens and that nobody here accepts from: it is handed on in the same turn of the event loop. */
async function openSocket({ address, port }: ListenAddress): Promise<Server> {
  const server = createServer();
  server.listen({ host: address, port, backlog });
  await once(server, 'listening');
  return server;
}

async function openSockets(services: readonly ServiceAddress[]): Promise<readonly ServerSocket[]> {
  const sockets: ServerSocket[] = [];
  for (const { service, ...where } of services) {
    // Of two names of a service, the one with an s is that in TLS.
    const option = service.endsWith('s') ? '--secure-descriptor' : '--descriptor';
    sockets.push({ socket: await openSocket(where), option });
  }
  return sockets;
}

/** Node has no word for it, but every server has had its handle there, and the handle knows. */
function descriptorOf(server: Server): number {
  const handle: unknown = Reflect.get(server, '_handle');
  const descriptor: unknown = handle instanceof Object ? Reflect.get(handle, 'fd') : undefined;
  if (typeof descriptor !== 'number' || descriptor < 0)
    throw new Error('this Node hides a socket from its owner');
  return descriptor;
}

export async function runSeparatedHub(options: SeparatedHubOptions): Promise<number> {
  const { system, listen, logger, delivery } = options;
  closeInherited();
  const home = nativeText(homeDirectory(system));
  const kept = passedOn.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  );
  const env = { PATH: path, QMAILHOME: home, ...Object.fromEntries(kept) };
  let accounts: HubAccounts;
  try {
    accounts = findHubAccounts();
  } catch (error) {
    complain(system, 'qmail-start', errorText(error));
    return exitTemporary;
  }
  let log: Socket | 'inherit' = 'inherit';
  let queue: ChildProcess | undefined;
  /** Parts that read control files again when they are told to. */
  let readers: readonly ChildProcess[] = [];

  const linesOf = eventLines(options);

  function alert(text: string): void {
    const lines = linesOf({ event: 'alert', text });
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
    if (log === 'inherit' || !log.writable) process.stdout.write(bytes);
    else log.write(bytes);
  }

  function startLogger(): readonly Member[] {
    log = 'inherit';
    const [program, ...args] = logger.map(nativeText);
    if (program === undefined) return [];
    const stdio: Descriptors = ['pipe', 'inherit', 'inherit'];
    const place = { env, accounts, log, alert };
    const member = startPart(place, program, { program, args, account: accounts.logger, stdio });
    log = pipeTo(member, 0);
    // A logger that is gone ends the crew; what is written until then is lost.
    log.on('error', () => undefined);
    return [member];
  }

  /** Adds each part that has been started, since the next may fail. */
  function startCore(place: Place, spawners: Member[], queues: Member[]): void {
    const stdio: Descriptors = ['ignore', place.log, place.log, 'pipe'];
    spawners.push(startOwn(place, 'qmail-lspawn', [nativeText(delivery)], { stdio }));
    spawners.push(startOwn(place, 'qmail-rspawn', [], { stdio, account: accounts.remote }));
    const args = [
      '--spawn',
      ...['--alias-uid', String(accounts.alias.uid), '--server-uid', String(accounts.server.uid)],
      ...['--log', options.log],
      ...(options.metrics === undefined ? [] : ['--metrics', options.metrics]),
    ];
    const channels = spawners.map((member) => pipeTo(member, channelDescriptor));
    const send = startOwn(place, 'qmail-send', args, {
      account: accounts.queue,
      stdio: ['pipe', place.log, place.log, ...channels],
    });
    queues.push(send);
    queue = send.child;
    for (const channel of channels) channel.destroy();
  }

  /** Sockets for a server, each behind the option that says what is spoken there, and its channel to qmail-pspawn. */
  function startServer(
    place: Place,
    [name, ...flags]: readonly [string, ...string[]],
    sockets: readonly ServerSocket[],
    channel?: Socket,
  ): Member {
    const channels = channel === undefined ? [] : [channel];
    const first = serverDescriptor + channels.length;
    const descriptors = sockets.flatMap(({ option }, index) => [option, String(first + index)]);
    const member = startOwn(place, name, [...flags, ...descriptors], {
      account: accounts.server,
      stdio: [
        ...(['pipe', place.log, place.log] as const),
        ...channels,
        ...sockets.map(({ socket }) => descriptorOf(socket)),
      ],
    });
    channel?.destroy();
    for (const { socket } of sockets) socket.close();
    return member;
  }

  /** The one part besides qmail-lspawn that stays root: it starts what checks logins, for so many servers. */
  function startChecker(place: Place, spawners: Member[], servers: number): Socket[] {
    const channels = Array.from({ length: servers }, () => 'pipe' as const);
    const stdio: Descriptors = ['ignore', place.log, place.log, ...channels];
    const checker = startOwn(place, 'qmail-pspawn', [String(servers)], { stdio });
    spawners.push(checker);
    return channels.map((_, index) => pipeTo(checker, channelDescriptor + index));
  }

  async function startServers(place: Place, spawners: Member[], servers: Member[]): Promise<void> {
    const secure: ServerSocket[] = [];
    for (const where of listen) {
      const socket = await openSocket(where);
      if (where.secure) secure.push({ socket, option: '--secure-descriptor' });
      else servers.push(startServer(place, ['qmail-qmqpd', '--relay'], [{ socket, option: '--descriptor' }]));
    }
    // One process for all of them: it counts what each satellite sends.
    if (secure.length > 0) servers.push(startServer(place, ['qmail-qmqpd', '--relay'], secure));
    const pop3 = await openSockets(options.pop3);
    const smtp = await openSockets(options.smtp);
    const smtpAuth = options.smtpAuth && smtp.length > 0;
    const checked = Number(pop3.length > 0) + Number(smtpAuth);
    const channels = checked === 0 ? [] : startChecker(place, spawners, checked);
    if (pop3.length > 0) servers.push(startServer(place, ['qmail-popup', '--spawn'], pop3, channels.pop()));
    // One process here, too: it counts the connections of each client.
    const logins = smtpAuth ? ['--logins'] : [];
    if (smtp.length > 0)
      servers.push(startServer(place, ['qmail-smtpd', '--relay', ...logins], smtp, channels.pop()));
    const qmtp = await openSockets(options.qmtp);
    if (qmtp.length > 0) servers.push(startServer(place, ['qmail-qmtpd', '--relay'], qmtp));
  }

  async function start(): Promise<Crew> {
    const loggers = startLogger();
    const place = { env, accounts, log, alert };
    const servers: Member[] = [];
    const queues: Member[] = [];
    const spawners: Member[] = [];
    // The logger reads until nobody holds its pipe, and this process does.
    const release = () => {
      if (place.log !== 'inherit') place.log.end();
    };
    const crew: Crew = [
      { members: servers, signal: 'SIGTERM', graceMs },
      { members: queues, signal: 'SIGTERM' },
      { members: spawners, graceMs },
      { members: loggers, graceMs, release },
    ];
    try {
      startCore(place, spawners, queues);
      await startServers(place, spawners, servers);
      readers = [...queues, ...servers].map(({ child }) => child);
    } catch (error) {
      for (const { child } of spawners) child.stdio?.[channelDescriptor]?.destroy();
      await endCrew(crew);
      throw error;
    }
    return crew;
  }

  const ended = Promise.withResolvers<void>();
  process.on('SIGTERM', () => ended.resolve());
  process.on('SIGINT', () => ended.resolve());
  process.on('SIGHUP', () => {
    for (const reader of readers) reader.kill('SIGHUP');
  });
  process.on('SIGALRM', () => queue?.kill('SIGALRM'));
  await supervise({ start, alert, until: ended.promise });
  return 0;
}
