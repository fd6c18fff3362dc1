/**
 * A private Postfix: its own configuration, queue, log and port, beside any other on the machine and out of its way.
 * Master must run as root, so without root there is none.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { findAccount } from '../../src/process/index.ts';
import { findProgram } from './foreign.ts';
import { unusedPort } from './unused-port.ts';

export interface PostfixOptions {
  /** Whether the queue manager runs; without it messages stay in the incoming queue. */
  readonly deliver?: boolean;
  /** Deliveries at the same time. */
  readonly deliveries?: number;
  /** Connections at the same time. */
  readonly connections?: number;
  /** Words before a program that bring it into another network (private-host.ts). */
  readonly besides?: readonly string[];
  /** Whether there is an SMTP server as well. */
  readonly smtp?: boolean;
  /** The port on which another server takes all mail that is not for `address` or its like. */
  readonly relayPort?: number;
  /** Users with a Maildir. Without them it is nobody alone. */
  readonly users?: readonly string[];
}

export interface Postfix {
  readonly qmqpPort: number;
  /** 0 without an SMTP server. */
  readonly smtpPort: number;
  /** Mail for this address, the first user's, is delivered to `maildir`. */
  readonly address: string;
  /** Those of all users. */
  readonly addresses: readonly string[];
  readonly maildir: string;
  /** Paths of what was delivered, in no order. */
  delivered(): readonly string[];
  /** Messages that are accepted and not delivered. */
  queued(): number;
  log(): string;
  readonly pid: number;
  /** Ends master and with it all its processes, and removes everything. */
  stop(): Promise<void>;
}

/** Whom the mail is for: local(8) delivers with that user's rights, and never as root. */
const usersDefault = ['nobody'];

const domain = 'postfix.test';

const deliveriesDefault = 10;

const queues = [
  'incoming',
  'active',
  'bounce',
  'defer',
  'deferred',
  'flush',
  'hold',
  'trace',
  'corrupt',
  'saved',
];

const pollMs = 10;

/** Should whoever started it be killed, it ends by itself. */
const lifeSeconds = 3600;

/** Why there can be no Postfix here, for the options of a test; false where there can. */
export function postfixMissing(): string | false {
  if (findProgram('qmqpd') === undefined) return 'postfix: not installed';
  return process.getuid?.() !== 0 && 'postfix needs root';
}

function makeDirectories(top: string, users: readonly string[]): void {
  const owner = findAccount('postfix').uid;
  const make = (path: string, mode: number, uid = 0, gid = 0) => {
    mkdirSync(`${top}/${path}`);
    chmodSync(`${top}/${path}`, mode);
    chownSync(`${top}/${path}`, uid, gid);
  };
  chmodSync(top, 0o755);
  make('etc', 0o755);
  make('data', 0o700, owner);
  make('log', 0o755);
  make('queue', 0o755);
  make('queue/pid', 0o755);
  for (const name of [...queues, 'private']) make(`queue/${name}`, 0o700, owner);
  make('queue/maildrop', 0o1733, owner);
  make('queue/public', 0o710, owner);
  make('mail', 0o755);
  for (const user of users) {
    const { uid, gid } = findAccount(user);
    make(`mail/${user}`, 0o700, uid, gid);
    for (const name of ['tmp', 'new', 'cur']) make(`mail/${user}/${name}`, 0o700, uid, gid);
  }
}

function mainConfiguration(top: string, daemons: string, options: PostfixOptions): string {
  const { deliveries = deliveriesDefault, relayPort } = options;
  const relay =
    relayPort === undefined ? '' : `relayhost = [127.0.0.1]:${relayPort}\nsmtp_tls_security_level = may\n`;
  return `compatibility_level = 3.6
config_directory = ${top}/etc
queue_directory = ${top}/queue
data_directory = ${top}/data
daemon_directory = ${daemons}
maillog_file = ${top}/log/maillog
maillog_file_prefixes = ${top}
myhostname = ${domain}
mydestination = ${domain}
inet_interfaces = loopback-only
inet_protocols = ipv4
smtputf8_enable = no
disable_dns_lookups = yes
alias_maps =
alias_database =
local_recipient_maps =
mail_spool_directory = ${top}/mail/
biff = no
qmqpd_authorized_clients = 127.0.0.0/8
qmqpd_error_delay = 0s
in_flow_delay = 0s
local_destination_concurrency_limit = ${deliveries}
initial_destination_concurrency = ${deliveries}
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_error_sleep_time = 0s
${relay}`;
}

function services(
  port: number,
  smtpPort: number,
  { deliver = true, deliveries = deliveriesDefault, connections = 100, relayPort }: PostfixOptions,
): string {
  const rows = [
    `127.0.0.1:${port} inet n - n - ${connections} qmqpd`,
    'cleanup unix n - n - 0 cleanup',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'anvil unix - - n - 1 anvil',
    'postlog unix-dgram n - n - 1 postlogd',
    ...(smtpPort === 0 ? [] : [`127.0.0.1:${smtpPort} inet n - n - ${connections} smtpd`]),
    ...(relayPort === undefined
      ? []
      : ['smtp unix - - n - - smtp', 'tlsmgr unix - - n 1000? 1 tlsmgr', 'scache unix - - n - 1 scache']),
    ...(deliver ? ['qmgr unix n - n 300 1 qmgr', `local unix - n n - ${deliveries} local`] : []),
  ];
  return `${rows.join('\n')}\n`;
}

/** Whether somebody in the network of a process listens there: by proc(5), in state 0A. */
function isListening(pid: number, port: number): boolean {
  const place = `:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`;
  return readFileSync(`/proc/${pid}/net/tcp`, 'latin1').includes(place);
}

function filesUnder(directory: string): number {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

export async function startPostfix(options: PostfixOptions = {}): Promise<Postfix> {
  const qmqpd = findProgram('qmqpd');
  if (qmqpd === undefined) throw new Error('postfix: not installed');
  const daemons = dirname(qmqpd);
  const top = mkdtempSync(`${tmpdir()}/mini-qmail-postfix-`);
  const users = options.users ?? usersDefault;
  makeDirectories(top, users);
  const qmqpPort = await unusedPort();
  const smtpPort = options.smtp === true ? await unusedPort() : 0;
  writeFileSync(`${top}/etc/main.cf`, mainConfiguration(top, daemons, options));
  writeFileSync(`${top}/etc/master.cf`, services(qmqpPort, smtpPort, options));
  const log = () => (existsSync(`${top}/log/maillog`) ? readFileSync(`${top}/log/maillog`, 'latin1') : '');
  const words = [`${daemons}/master`, '-c', `${top}/etc`, '-d', '-e', String(lifeSeconds)];
  const [program = '', ...args] = [...(options.besides ?? []), ...words];
  const master = spawn(program, args, {
    stdio: 'ignore',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  const ended = once(master, 'exit');
  const kill = () => master.kill('SIGTERM');
  // Not even a test that crashes leaves it running.
  process.once('exit', kill);
  while (!isListening(master.pid ?? 0, qmqpPort)) {
    if (master.exitCode !== null) throw new Error(`postfix has ended:\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  const maildirs = users.map((user) => `${top}/mail/${user}`);
  const addresses = users.map((user) => `${user}@${domain}`);
  const filesIn = (maildir: string) => readdirSync(`${maildir}/new`).map((name) => `${maildir}/new/${name}`);
  return {
    qmqpPort,
    smtpPort,
    address: addresses[0] ?? '',
    addresses,
    maildir: maildirs[0] ?? '',
    delivered: () => maildirs.flatMap(filesIn),
    queued: () =>
      ['incoming', 'active', 'deferred'].reduce((sum, name) => sum + filesUnder(`${top}/queue/${name}`), 0),
    log,
    pid: master.pid ?? 0,
    async stop() {
      process.off('exit', kill);
      kill();
      await ended;
      rmSync(top, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}
