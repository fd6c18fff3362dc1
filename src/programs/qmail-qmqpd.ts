/** qmail-qmqpd: takes messages over QMQP, from one connection on descriptors 0 and 1 or from a port of its own. */
import { homeDirectory, openControl } from '../control/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import {
  environmentPeer,
  listenQmqp,
  listenQmqps,
  type QmqpEnding,
  type QmqpListener,
  type QmqpRules,
  type QmqpServerLimits,
  qmqpServerLimits,
  queueIntake,
  readQmqpRules,
  readQmqpServerLimits,
  relayIntake,
  serveQmqpDescriptors,
} from '../serve/index.ts';
import { chooseQueue } from '../submit/index.ts';
import { type ByteString, byteStringOf, bytesOf, errorText, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { endOfInput } from './end-of-input.ts';
import { isListening, listenOptions, openPlaces, relayOption } from './listen-places.ts';
import { type NetworkIntakeOptions, networkIntake } from './network-intake.ts';
import { complain } from './print.ts';
import type { Program, Wiring } from './program.ts';

const preset = qmqpServerLimits;

const manual: Manual = {
  name: 'qmail-qmqpd',
  section: 8,
  purpose: 'take messages over QMQP',
  synopsis: [
    '',
    '[--listen ADDRESS:PORT ...] [--secure-listen ADDRESS:PORT ...]',
    '[--descriptor N ...] [--secure-descriptor N ...] [--relay]',
  ],
  description: [
    'qmail-qmqpd reads one QMQP request, hands the message to the queue and answers: K when the queue has it on stable storage, Z when it may be sent again later, D when it never will be accepted. It puts one Received field on top of the message and changes nothing else.',
    'Without options it serves one connection on descriptors 0 and 1, as tcpserver, inetd with tcp-env or a systemd socket with Accept=yes start it. With --listen it accepts connections itself until SIGTERM or SIGINT; then it stops listening, finishes the requests that have begun, and exits.',
    'Who may send is decided by the address of the client: by the rules of tcpserver or another that has accepted the connection, and with --listen or --descriptor by those in control/qmqprules. Whoever may send can send to anywhere: recipients are not checked.',
    'control/qmqprules has the notation of tcprules: lines address:allow or address:deny, each with any number of ,NAME="VALUE" behind it, which are variables for a program in the place of the queue; QMAILQUEUE among them names that program. An address is 192.0.2.1, the beginning of one up to a dot as in 192.0.2. or, with a range, 192.0.2.8-11, or nothing, for everybody. IPv6 stands in brackets: [2001:db8::7] or [2001:db8::/32]. The most exact address counts, wherever it stands: first the whole one, then the longer beginning, last nothing. Whom no rule allows is denied; without the file, the loopback is allowed and everybody else is denied. Names of clients and of their users (=host, user@address) are not asked for, and rules with them are refused.',
    'Who is denied is told so with Z, so that a mistake in the rules loses no mail, and the log has a line about it. SIGHUP reads the rules again: they are checked first, and kept as they were when the new ones cannot be used.',
    "With --secure-listen or --secure-descriptor QMQP is spoken in TLS 1.3 (ALPN qmqp/1, or none that the client names), with a key on both sides: this host's is in control/qmqpskey, and a client is the satellite in whose file its key stands (qmail-satellites(8)), wherever it comes from. The satellite is named in the Received field and in the log, its policy is applied, and connections are counted by it. Who is not known, is revoked, or has an expired certificate is told so with Z. All this is looked at for each connection and needs no signal.",
    'A request that is not well-formed, or exceeds a limit, is refused with D at once. An address that is too long or contains a NUL byte is refused with D when the whole request has been read. When a request ends too early nothing is answered and the message is forgotten.',
  ],
  options: [...listenOptions('QMQP in TLS'), relayOption],
  environment: [
    [
      'TCPREMOTEHOST, TCPREMOTEINFO, TCPREMOTEIP',
      'The client, as the Received field names it (on descriptors 0 and 1).',
    ],
    ['TCPLOCALHOST, TCPLOCALIP', 'This host, as the Received field names it (on descriptors 0 and 1).'],
    [
      'QMAILQUEUE',
      'A program that is run in place of the queue. With --listen it finds PROTO and TCPREMOTEIP set.',
    ],
    ['QMAILHOME', 'The directory that holds control/; /var/qmail without it.'],
  ],
  controls: [
    [
      'me',
      'This host in the Received field, with --listen. Default: the address that the client connected to.',
    ],
    ['qmailqueue', 'A program that is run in place of the queue, unless $QMAILQUEUE names one.'],
    ['qmqprules', 'Who may send, with --listen or --descriptor. Default: the loopback.'],
    ['qmqpskey', 'The private key and certificate of this host, in PEM: for QMQP in TLS.'],
    ['qmqpdatabytes', `Bytes of a message. Default and maximum: ${preset.messageBytesMax}.`],
    ['qmqprecipients', `Recipients of a message. Default and maximum: ${preset.recipientsMax}.`],
    ['concurrencyqmqp', `Connections at the same time, with --listen. Default: ${preset.connectionsMax}.`],
    [
      'concurrencyqmqpperip',
      `Connections at the same time from one address, with --listen. Default: ${preset.connectionsPerPeerMax}.`,
    ],
    ['timeoutqmqpd', `Seconds to wait for more of a request. Default: ${preset.idleMs / 1000}.`],
  ],
  exitCodes: [
    ['0', 'The request was answered, or the client went away; with --listen, it was ended by a signal.'],
    ['100', 'The request was no QMQP, or the program was called wrongly.'],
    [
      '111',
      'The request exceeded a limit or a time, or the home, a control file or the address cannot be used.',
    ],
  ],
  limits: [
    ['address', `${preset.addressBytesMax} bytes`],
    ['envelope', `${preset.envelopeBytesMax} bytes, sender and recipients with their lengths`],
    ['session', `${preset.totalMs / 1000} seconds in all`],
    [
      'after an early refusal',
      `${preset.lingerMs / 1000} seconds and ${preset.lingerBytesMax} bytes, until the client has read it`,
    ],
    [
      'refusals of connections over the limits or from elsewhere',
      `${preset.refusalsMax} at the same time; more are closed without an answer`,
    ],
  ],
  bugs: [
    'Clients that share an address, such as those behind one network address translator, share its limit.',
  ],
  seeAlso: ['qmail-qmqpc(8)', 'qmail-queue(8)', 'qmail-satellites(8)', 'tcpserver(1)', 'tcprules(1)'],
};

const exitProtocol = 100;
const exitTemporary = 111;

const exitCodes: Readonly<Record<QmqpEnding, number>> = {
  complete: 0,
  closed: 0,
  malformed: exitProtocol,
  limit: exitTemporary,
  refused: exitTemporary,
  timeout: exitTemporary,
};

async function serveOne(system: System, wiring: Wiring, limits: QmqpServerLimits): Promise<number> {
  const queue = chooseQueue(system, wiring.queue);
  const ending = await serveQmqpDescriptors({
    system,
    input: process.stdin,
    peer: environmentPeer(system),
    intake: queueIntake({ system, queueFor: () => queue, nextId: () => system.pid }),
    limits,
  });
  return exitCodes[ending];
}

async function listen(
  system: System,
  wiring: Wiring,
  limits: QmqpServerLimits,
  line: CommandLine,
): Promise<number> {
  const relayed = line.has('relay') && chooseQueue(system, wiring.queue) === wiring.queue;
  const control = openControl(system);
  const log = (text: string) => system.files.write(2, bytesOf(byteStringOf(`${text}\n`)));
  let rules: QmqpRules;
  try {
    rules = readQmqpRules(control);
  } catch (error) {
    complain(system, manual.name, `fatal: ${errorText(error)}`);
    return exitTemporary;
  }
  process.on('SIGHUP', () => {
    try {
      rules = readQmqpRules(control);
      log('qmqpd: control/qmqprules read again');
    } catch (error) {
      log(`alert: qmqpd: rules kept as they were: ${errorText(error)}`);
    }
  });
  const refusal = (ip: ByteString) => rules.refusal(ip);
  const relay = relayed ? relayIntake(system, homeDirectory(system)) : undefined;
  const intakeOf = (variables: NetworkIntakeOptions['variables']) =>
    networkIntake({ system, builtIn: wiring.queue, intake: relay, variables });
  const localHost = control.line('me');
  const ended = new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
    if (line.has('relay')) endOfInput().then(resolve);
  });
  const listeners: QmqpListener[] = [];
  try {
    const problem = await openPlaces({
      system,
      line,
      name: manual.name,
      protocols: ['qmqp', 'qmqps'],
      async listen(place, secure) {
        const common = { ...place, localHost, limits, log };
        const listener = secure
          ? await listenQmqps({
              ...common,
              intake: intakeOf(() => ({})),
              control: nativeText(control.directory),
            })
          : await listenQmqp({ ...common, intake: intakeOf((ip) => rules.variables(ip)), refusal });
        listeners.push(listener);
        return listener.address;
      },
    });
    if (problem !== undefined) return problem;
    await ended;
    return 0;
  } finally {
    await Promise.all(listeners.map((listener) => listener.close()));
  }
}

export const qmailQmqpd: Program = {
  manual,
  run: async (system, wiring) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length > 0) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitProtocol;
    }
    const home = homeDirectory(system);
    try {
      system.files.status(home);
    } catch (error) {
      complain(system, manual.name, `fatal: no home directory: ${errorText(error)}`);
      return exitTemporary;
    }
    const limits = readQmqpServerLimits(openControl(system));
    return await (isListening(parsed.line)
      ? listen(system, wiring, limits, parsed.line)
      : serveOne(system, wiring, limits));
  },
};
