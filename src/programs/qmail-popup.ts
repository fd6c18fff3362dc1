/** qmail-popup: asks who wants to read mail over POP3, and has that checked by the rest of the chain. */
import { Socket } from 'node:net';
import type { Duplex, Writable } from 'node:stream';
import { homeDirectory, openControl } from '../control/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { joined } from '../process/index.ts';
import {
  chainOfPrograms,
  isLoopback,
  type OpenChain,
  openServerCertificate,
  openSpawnedChain,
  popupLimits,
  readPopupLimits,
  servePopup,
} from '../serve/index.ts';
import {
  type CheckCommand,
  openCheckLink,
  readCheckCommand,
  readSessionCommand,
} from '../serve/passwords/index.ts';
import { byteStringOf, bytesOf, errorText, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { openOutput } from './descriptor-channel.ts';
import { endOfInput } from './end-of-input.ts';
import { isListening, listenOptions, openPlaces } from './listen-places.ts';
import { openPopupService, timestampOf } from './popup-service.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';
import { sessionSocketPath } from './qmail-pspawn.ts';

const exitDone = 1;
const exitUsage = 100;
const exitTemporary = 111;

const manual: Manual = {
  name: 'qmail-popup',
  section: 8,
  purpose: 'ask for a login and have mail read over POP3',
  synopsis: [
    'HOST CHECKER [ARGUMENT ...]',
    '[--listen ADDRESS:PORT ...] [--secure-listen ADDRESS:PORT ...]',
    '--spawn [--descriptor N ...] [--secure-descriptor N ...]',
  ],
  description: [
    'qmail-popup is the first of three programs, each of which can be replaced: it greets a client of POP3, takes its USER and PASS, or APOP, and starts CHECKER with what was said on descriptor 3. If CHECKER (checkpassword(8)) finds the login good it runs the program that its arguments name (qmail-pop3d(8)), whose session goes through qmail-popup from then on.',
    'In the first form it serves one connection on descriptors 0 and 1, as tcpserver, inetd or a systemd socket with Accept=yes start it: `tcpserver 0 110 qmail-popup HOST checkpassword qmail-pop3d ./Maildir/`, all as root, since checkpassword becomes who logs in.',
    'With --listen it accepts connections itself, and runs the programs in control/checkpassword and control/pop3d as the user that it runs as. With --spawn it is started by qmail-start as qmaild, reads nothing that belongs to users, and has the programs started by qmail-pspawn(8), whose channel is on descriptor 3; it ends when descriptor 0 does. So no byte of the network is looked at by root.',
    'With control/servercert.pem, a private key and its chain of certificates, STLS is offered, and --secure-listen speaks TLS from the first byte on. What a client has sent ahead of TLS is not taken for anything: the connection ends. A password may come without TLS only from the loopback, unless control/popplaintext is 1, or $PROTO is SSL, as it is behind a program that has taken TLS off.',
    'With --listen or --descriptor, control/pop3rules says which addresses may connect, in the notation of tcprules: lines address:allow or address:deny; qmail-qmqpd(8) says what an address may be. Whom no rule denies may connect.',
    "A login that is refused is answered after two seconds, and the connection ends, as it does after every session. Each login is a line of the log, with the client's address and the name, and without the password.",
    'SIGHUP reads the certificate, pop3rules, popplaintext and popapop again; what cannot be used, and a certificate that is missing, leaves in force what was there before.',
  ],
  options: [
    ...listenOptions('POP3 in TLS'),
    { name: 'spawn', text: 'For qmail-start: have programs started by qmail-pspawn.' },
  ],
  environment: [
    ['QMAILHOME', 'The directory that holds control/; /var/qmail without it.'],
    ['TCPREMOTEIP, PROTO', 'The client, and what it speaks (on descriptors 0 and 1).'],
  ],
  controls: [
    ['servercert.pem', 'Private key and chain of certificates of this host, in PEM. Default: no TLS.'],
    ['popplaintext', 'If 1, passwords may come without TLS from everywhere. Default: 0.'],
    [
      'popapop',
      'If 1, the greeting has a timestamp, for checkers that can compare the answers of APOP; checkpassword(8) cannot. Default: 0. On descriptors 0 and 1 it always has one.',
    ],
    ['me', 'This host, in that timestamp.'],
    ['checkpassword and pop3d', 'Programs and arguments, with --listen; see qmail-pspawn(8).'],
    ['concurrencypop3', `Connections at the same time. Default: ${popupLimits.connectionsMax}.`],
    [
      'concurrencypop3perip',
      `Connections at the same time from one address. Default: ${popupLimits.connectionsPerPeerMax}.`,
    ],
    ['pop3connectionrate', 'Connections from one address in a minute, 0 for any number. Default: 0.'],
    ['pop3rules', 'Who may connect, with --listen or --descriptor. Default: everybody.'],
  ],
  exitCodes: [
    ['0', 'With --listen or --spawn: it was ended by a signal.'],
    ['1', 'The connection on descriptors 0 and 1 is over, whatever it brought.'],
    ['100', 'It was called wrongly.'],
    ['111', 'A control file, an address or the channel cannot be used.'],
  ],
  limits: [
    ['command', `${popupLimits.commandBytesMax} bytes`],
    ['time until the login', `${popupLimits.authorizationMs / 1000} seconds`],
    ['time for the check of a login', `${popupLimits.loginMs / 1000} seconds`],
    ['logins that are being checked', `${popupLimits.checksMax}; others wait`],
    ['commands before the login that are none', `${popupLimits.errorsMax}`],
    ['silence of both sides of a session', `${popupLimits.idleMs / 1000} seconds`],
  ],
  bugs: ['Clients that share an address share its limit.'],
  seeAlso: ['checkpassword(8)', 'qmail-pop3d(8)', 'qmail-pspawn(8)', 'qmail-poppasswd(8)', 'qmail-start(8)'],
};

const channelDescriptor = 3;

/** Resolves when everything that was said is out, or the client is gone. */
async function lastWord(client: Duplex, output: Writable): Promise<void> {
  await new Promise<void>((resolve) => {
    if (client.writableFinished || client.destroyed) resolve();
    client.once('finish', resolve).once('close', resolve);
  });
  await new Promise<void>((resolve) => {
    if (output.destroyed) resolve();
    output.once('close', resolve);
    output.end(resolve);
  });
}

/** One connection on descriptors 0 and 1. */
async function serveOne(system: System, host: string, command: CheckCommand): Promise<number> {
  const control = openControl(system);
  const log = (text: string) => complain(system, manual.name, text);
  const certificate = openServerCertificate(control.directory, log);
  const remoteIp = system.env('TCPREMOTEIP');
  const plainAllowed =
    remoteIp === undefined ||
    isLoopback(remoteIp) ||
    system.env('PROTO') === 'SSL' ||
    control.number('popplaintext', 0) > 0;
  const output = openOutput();
  const client = joined(process.stdin, output);
  await servePopup(client, {
    implicitTls: false,
    secureContext: () => certificate.context,
    plainAllowed,
    timestamp: timestampOf(String(system.pid), byteStringOf(host), system.now()),
    remoteIp: remoteIp ?? 'unknown',
    openChain: chainOfPrograms(command),
    limits: readPopupLimits(control),
    log,
  });
  await lastWord(client, output);
  process.stdin.destroy();
  return exitDone;
}

interface Chain {
  readonly open: OpenChain;
  /** Resolves when it is of no use any more. */
  readonly lost: Promise<void>;
  close(): void;
}

async function openChain(system: System, line: CommandLine, log: (text: string) => void): Promise<Chain> {
  const home = homeDirectory(system);
  if (!line.has('spawn')) {
    const control = openControl(system, home);
    const open = chainOfPrograms([...readCheckCommand(control), ...readSessionCommand(control)]);
    return { open, lost: new Promise(() => undefined), close: () => undefined };
  }
  const { promise: lost, resolve: onLost } = Promise.withResolvers<void>();
  const socket = new Socket({ fd: channelDescriptor });
  const link = openCheckLink({ socket, log, onLost });
  const chain = await openSpawnedChain({ link, path: sessionSocketPath(nativeText(home)) });
  return {
    open: chain.open,
    lost,
    close() {
      chain.close();
      link.close();
    },
  };
}

async function listen(system: System, line: CommandLine): Promise<number> {
  const log = (text: string) => system.files.write(2, bytesOf(byteStringOf(`${text}\n`)));
  const chain = await openChain(system, line, log);
  const service = openPopupService({ control: openControl(system), openChain: chain.open, log });
  const ended = new Promise<void>((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    if (line.has('spawn')) endOfInput().then(resolve);
    chain.lost.then(resolve);
  });
  process.on('SIGHUP', service.reload);
  try {
    const failed = await openPlaces({
      system,
      line,
      name: manual.name,
      protocols: ['pop3', 'pop3s'],
      listen: service.listen,
    });
    if (failed !== undefined) return failed;
    await ended;
    return 0;
  } finally {
    await service.close();
    chain.close();
  }
}

export const qmailPopup: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    const line = parsed.ok ? parsed.line : undefined;
    const listens = line !== undefined && isListening(line);
    const [host, ...words] = line?.operands.map(nativeText) ?? [];
    const [program, ...args] = words;
    const isWrong = listens ? host !== undefined : host === undefined || program === undefined;
    if (!parsed.ok || line === undefined || isWrong) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    try {
      if (listens) return await listen(system, line);
      return await serveOne(system, host ?? '', [program ?? '', ...args]);
    } catch (error) {
      complain(system, manual.name, `fatal: ${errorText(error)}`);
      return exitTemporary;
    }
  },
};
