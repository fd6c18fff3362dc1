/** qmail-qmtpd: takes messages over QMTP, from one connection on descriptors 0 and 1 or from a port of its own. */
import { homeDirectory, openControl } from '../control/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import {
  databytesOf,
  environmentPeer,
  judgeQmtpRecipient,
  networkSubmission,
  type QmtpConnectionEnding,
  qmtpServerLimits,
  queueIntake,
  readBadSenders,
  readQmtpServerLimits,
  readRecipientHosts,
  relayIntake,
  serveQmtpDescriptors,
} from '../serve/index.ts';
import { chooseQueue } from '../submit/index.ts';
import { byteStringOf, bytesOf, errorText, type System } from '../system/index.ts';
import { askForRecipients, knownRecipientsText } from './known-recipients.ts';
import { isListening, listenOptions, relayOption } from './listen-places.ts';
import { networkIntake } from './network-intake.ts';
import { complain } from './print.ts';
import type { Program, Wiring } from './program.ts';
import { qmtpRuleFile, startQmtpService } from './qmtp-service.ts';
import { serveUntilEnded } from './serve-until-ended.ts';

const preset = qmtpServerLimits;

const manual: Manual = {
  name: 'qmail-qmtpd',
  section: 8,
  purpose: 'take messages over QMTP',
  synopsis: ['', '[--listen ADDRESS:PORT ...] [--descriptor N ...] [--relay]'],
  description: [
    'qmail-qmtpd reads messages over QMTP, as many as a client sends on one connection, hands each to the queue, and answers for each recipient: K when the queue has the message on stable storage, Z when it may be sent again later, D when it never will be accepted. It puts one Received field on top of the message and changes nothing else but that lines that end in CR LF, where the client says that they do, end in LF.',
    'Without options it serves one connection on descriptors 0 and 1, as tcpserver, inetd with tcp-env or a systemd socket with Accept=yes start it. With --listen it accepts connections itself until SIGTERM or SIGINT; then it stops listening, answers what has arrived, and exits.',
    'Recipients are taken whose domain is in control/rcpthosts or control/morercpthosts, and those without a domain. A client whose RELAYCLIENT is set may send to anywhere: the value is appended to each recipient.',
    `Recipients that do not exist are answered with D. ${knownRecipientsText}`,
    'With --listen or --descriptor, control/qmtprules says who may connect, in the notation of control/qmqprules (qmail-qmqpd(8)), and sets variables: RELAYCLIENT, DATABYTES, and QMAILQUEUE, which names a program in the place of the queue. Whom a rule denies is turned away without a word, since QMTP has none before a message; whom none is for may connect, and may not send to anywhere. SIGHUP reads it, rcpthosts and badmailfrom again; what cannot be used is kept as it was.',
    'What is not well-formed, or exceeds a limit, ends the connection; what was whole before it is answered.',
  ],
  options: [...listenOptions(), relayOption],
  environment: [
    [
      'TCPREMOTEHOST, TCPREMOTEINFO, TCPREMOTEIP',
      'The client, as the Received field names it (on descriptors 0 and 1).',
    ],
    ['TCPLOCALHOST, TCPLOCALIP', 'This host, as the Received field names it (on descriptors 0 and 1).'],
    [
      'RELAYCLIENT',
      'If it is set, mail to anywhere is taken; the value is appended to each recipient (on descriptors 0 and 1).',
    ],
    ['DATABYTES', 'In place of control/databytes (on descriptors 0 and 1).'],
    ['QMAILQUEUE', 'A program that is run in place of the queue.'],
    ['QMAILHOME', 'The directory that holds control/; /var/qmail without it.'],
  ],
  controls: [
    [
      'me',
      'This host in the Received field, with --listen. Default: the address that the client connected to.',
    ],
    [
      'rcpthosts',
      'Domains that mail is taken for: HOST, or .SUFFIX for every host below it. Default: me. Unlike in qmail, a missing file opens no relay.',
    ],
    ['morercpthosts', 'More of them, when qmail-newmrh has made control/morercpthosts.cdb of it.'],
    ['badmailfrom', 'Senders, or @DOMAIN for all of a domain, whose mail is answered with D. Default: none.'],
    [qmtpRuleFile, 'Who may connect, with --listen or --descriptor. Default: everybody.'],
    ['databytes', `Bytes of a message, 0 for ${preset.messageBytesMax}. Default: 0.`],
    ['concurrencyqmtp', `Connections at the same time, with --listen. Default: ${preset.connectionsMax}.`],
    [
      'concurrencyqmtpperip',
      `Connections at the same time from one address, with --listen. Default: ${preset.connectionsPerPeerMax}.`,
    ],
    [
      'qmtpconnectionrate',
      'Connections from one address in a minute, 0 for any number, with --listen. Default: 0.',
    ],
    [
      'qmtpmessagerate',
      'Messages from one address in a minute, 0 for any number, with --listen; more are answered with Z. Default: 0.',
    ],
    ['timeoutqmtpd', `Seconds to wait for more from the client. Default: ${preset.idleMs / 1000}.`],
    ['qmailqueue', 'A program that is run in place of the queue, unless $QMAILQUEUE names one.'],
  ],
  exitCodes: [
    ['0', 'The client has sent what it had; with --listen, it was ended by a signal.'],
    ['100', 'What came is no QMTP, or the program was called wrongly.'],
    ['111', 'A limit or a time was exceeded, or the home, a control file or the address cannot be used.'],
  ],
  limits: [
    ['address', `${preset.addressBytesMax} bytes; a longer one is answered with D`],
    [
      'Received and Delivered-To fields of a message',
      `${preset.hopsMax - 1}; one with more is answered with D`,
    ],
    ['recipients of a message', `${preset.recipientsMax}, and ${preset.recipientBytesMax} bytes`],
    [
      'recipients that are looked for at the same time',
      `${preset.askedTogetherMax} for one connection, ${preset.checksMax} in all`,
    ],
    [
      'recipients of a connection that do not exist, since its last message',
      `${preset.unknownMax}; then the others are answered with Z and the connection ends`,
    ],
    [
      'message that is too large',
      `is read to its end and answered with D, when it has no more than ${preset.excessBytesMax} bytes over databytes`,
    ],
    [
      'messages whose answers are waited for while the next is read',
      `${preset.pendingMax}, and none when one has more than ${preset.pendingRecipientsMax} recipients`,
    ],
    ['connection', `${preset.totalMs / 1000} seconds in all`],
    [
      'at the end of a connection that is broken off',
      `${preset.lingerMs / 1000} seconds and ${preset.lingerBytesMax} bytes, until the client has read its answers`,
    ],
  ],
  seeAlso: ['qmail-queue(8)', 'qmail-qmqpd(8)', 'qmail-newmrh(8)', 'tcpserver(1)', 'tcp-environ(5)'],
};

const exitUsage = 100;
const exitTemporary = 111;

const exitCodes: Readonly<Record<QmtpConnectionEnding, number>> = {
  closed: 0,
  refused: exitTemporary,
  malformed: exitUsage,
  'too-large': exitTemporary,
  timeout: exitTemporary,
};

async function serveOne(system: System, wiring: Wiring): Promise<number> {
  const control = openControl(system);
  const limits = readQmtpServerLimits(control);
  const messageBytesMax = databytesOf(system.env('DATABYTES')) ?? limits.messageBytesMax;
  const queue = chooseQueue(system, wiring.queue);
  const intake = queueIntake({ system, queueFor: () => queue, nextId: () => system.pid });
  const hosts = readRecipientHosts(control);
  const isBadSender = readBadSenders(control);
  const relayClient = system.env('RELAYCLIENT');
  const peer = environmentPeer(system);
  const ending = await serveQmtpDescriptors({
    input: process.stdin,
    output: process.stdout,
    limits: { ...limits, messageBytesMax },
    recipient: (address) => judgeQmtpRecipient(address, hosts, relayClient, limits.addressBytesMax),
    isBadSender,
    isKnown: queue === wiring.queue ? askForRecipients(system) : undefined,
    begin: () => networkSubmission(intake, peer, 'QMTP', system.now),
  });
  return exitCodes[ending];
}

async function listen(system: System, wiring: Wiring, line: CommandLine): Promise<number> {
  const relay =
    line.has('relay') && chooseQueue(system, wiring.queue) === wiring.queue
      ? relayIntake(system, homeDirectory(system))
      : undefined;
  const service = startQmtpService({
    control: openControl(system),
    intake: (variables) => networkIntake({ system, builtIn: wiring.queue, intake: relay, variables }),
    isKnown: relay && ((address) => relay.isKnown(address)),
    log: (text) => system.files.write(2, bytesOf(byteStringOf(`${text}\n`))),
  });
  return await serveUntilEnded({ system, line, name: manual.name, protocols: ['qmtp'], service });
}

export const qmailQmtpd: Program = {
  manual,
  run: async (system, wiring) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length > 0) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    try {
      system.files.status(homeDirectory(system));
      return await (isListening(parsed.line) ? listen : serveOne)(system, wiring, parsed.line);
    } catch (error) {
      complain(system, manual.name, `fatal: ${errorText(error)}`);
      return exitTemporary;
    }
  },
};
