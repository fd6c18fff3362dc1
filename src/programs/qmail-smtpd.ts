/** qmail-smtpd: takes messages over SMTP, from one connection on descriptors 0 and 1 or from ports of its own. */
import { Socket } from 'node:net';
import { judgeLimits } from '../authenticate/index.ts';
import { homeDirectory, openControl } from '../control/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import {
  beginSubmission,
  databytesOf,
  environmentPeer,
  openServerCertificate,
  queueIntake,
  readSmtpSettings,
  relayIntake,
  type SmtpEnding,
  serverHandshakeMsMax,
  serveSmtpDescriptors,
  smtpAddressBytesMax,
  smtpServerLimits,
  unlessUnknown,
} from '../serve/index.ts';
import { type CheckPassword, checkByProgram, checkLimits, openCheckLink } from '../serve/passwords/index.ts';
import { chooseQueue } from '../submit/index.ts';
import { byteStringOf, bytesOf, errorText, type System } from '../system/index.ts';
import { askForRecipients, knownRecipientsText } from './known-recipients.ts';
import { isListening, listenOptions, relayOption } from './listen-places.ts';
import { networkIntake } from './network-intake.ts';
import { complain } from './print.ts';
import type { Program, Wiring } from './program.ts';
import { serveUntilEnded } from './serve-until-ended.ts';
import { smtpJudge } from './smtp-judge.ts';
import { startSmtpService } from './smtp-service.ts';

const preset = smtpServerLimits;

const manual: Manual = {
  name: 'qmail-smtpd',
  section: 8,
  purpose: 'take messages over SMTP',
  synopsis: [
    '[--without-tls] [CHECKPASSWORD [ARGUMENT ...]]',
    '[--listen ADDRESS:PORT ...] [--secure-listen ADDRESS:PORT ...] [CHECKPASSWORD [ARGUMENT ...]]',
    '[--descriptor N ...] [--secure-descriptor N ...] [--relay] [--logins]',
  ],
  description: [
    'qmail-smtpd speaks SMTP and hands each message to the queue. It says yes to a message when the queue has it on stable storage, 451 when it may be sent again later, 554 when it never will be accepted. It puts one Received field on top of the message and changes nothing else but that lines end in LF.',
    'Without options it serves one connection on descriptors 0 and 1, as tcpserver, inetd with tcp-env or a systemd socket with Accept=yes start it. With --listen it accepts connections itself until SIGTERM or SIGINT; then it stops listening, finishes the messages that have begun, and exits. With --secure-listen, which is for port 465, TLS begins with the first byte.',
    'It speaks PIPELINING, SIZE, 8BITMIME, SMTPUTF8, ENHANCEDSTATUSCODES, and STARTTLS if there is control/servercert.pem.',
    'Only CR LF ends a line. A CR or LF on its own within a message, wherever it stands, is answered with 451 and the end of the session, so that nobody can hide a second message in one (SMTP smuggling); within a command it is answered with 500 and the end of the session.',
    'Recipients are taken whose domain is in control/rcpthosts or control/morercpthosts, and those without a domain. A client whose RELAYCLIENT is set may send to anywhere: the value is appended to each recipient. So may one that has logged in.',
    `Recipients that do not exist are refused with 550 while the client waits. ${knownRecipientsText}`,
    'CHECKPASSWORD is any program with the interface of checkpassword(8), as is run with the login on descriptor 3 and the argument true behind its own. With it, AUTH PLAIN and LOGIN are to be had, and only in TLS. It runs as the user that qmail-smtpd runs as.',
    'With --listen or --descriptor, control/smtprules says which addresses may connect and what they may, in the notation of tcprules: lines address:allow or address:deny, each with any number of ,NAME="VALUE" behind it. RELAYCLIENT, DATABYTES and QMAILQUEUE among them mean what they do in the environment. qmail-qmqpd(8) says what an address may be. Whom no rule denies may connect; who is denied is told so with 421.',
    'SIGHUP reads the control files and the certificate again. They are checked first, and kept as they were when the new ones cannot be used, or the certificate is missing. Limits on connections are read at the start only.',
  ],
  options: [
    ...listenOptions('TLS from the first byte on'),
    relayOption,
    {
      name: 'logins',
      text: 'For qmail-start: have logins checked by qmail-pspawn(8), whose channel is on descriptor 3.',
    },
    { name: 'without-tls', text: 'On descriptors 0 and 1: offer no TLS, and look for no certificate.' },
  ],
  environment: [
    ['TCPREMOTEHOST, TCPREMOTEINFO, TCPREMOTEIP', 'The client, as the Received field names it.'],
    ['TCPLOCALHOST, TCPLOCALIP', 'This host, as the Received field names it.'],
    ['RELAYCLIENT', 'If it is set, mail to anywhere is taken; the value is appended to each recipient.'],
    ['DATABYTES', 'In place of control/databytes.'],
    ['QMAILQUEUE', 'A program that is run in place of the queue.'],
    ['QMAILHOME', 'The directory that holds control/; /var/qmail without it.'],
  ],
  controls: [
    [
      'authresults',
      'If it is there, each message of a client that has not logged in and may not relay gets an Authentication-Results field on top, by SPF, DKIM and DMARC, in the name that the file holds; without a name in it, in that of me. Nothing is refused for it. Fields of that name that a message brings are taken out. The message is taken when it is judged.',
    ],
    ['me', 'The name of this host. It must be there.'],
    ['smtpgreeting', 'What it calls itself, in place of control/me.'],
    [
      'rcpthosts',
      'Domains that mail is taken for: HOST, or .SUFFIX for every host below it. Default: me. Unlike in qmail, a missing file opens no relay.',
    ],
    ['morercpthosts', 'More of them, when qmail-newmrh has made control/morercpthosts.cdb of it.'],
    [
      'badmailfrom',
      'Senders, or @DOMAIN for all of a domain, whose mail is refused, at each recipient. Default: none.',
    ],
    ['localiphost', 'The host that a recipient at [an address of this host] is for. Default: me.'],
    ['databytes', `Bytes of a message, 0 for ${preset.messageBytesMax}. Default: 0.`],
    ['smtprecipients', `Recipients of a message. Default: ${preset.recipientsMax}.`],
    ['timeoutsmtpd', `Seconds to wait for more from the client. Default: ${preset.idleMs / 1000}.`],
    ['smtprules', 'Who may connect, with --listen or --descriptor. Default: everybody.'],
    [
      'blocklists',
      'Lists in DNS, ZONE[:TEXT], with --listen or --descriptor: who is on one and may not relay is refused at each recipient, and told TEXT, with its address for %IP%, or what the list says. A list that cannot be asked blocks nobody. Default: none.',
    ],
    ['allowlists', 'Lists in DNS that are asked first: who is on one is not blocked.'],
    ['blocklistspermanent', 'If 1, who is on a list is refused for ever. Default: 0.'],
    ['blocklistsfailclosed', 'If 1, a list that cannot be asked blocks for now. Default: 0.'],
    ['concurrencysmtp', `Connections at the same time, with --listen. Default: ${preset.connectionsMax}.`],
    [
      'concurrencysmtpperip',
      `Connections at the same time from one address, with --listen. Default: ${preset.connectionsPerPeerMax}.`,
    ],
    ['smtpconnectionrate', 'Connections from one address in a minute, 0 for any number. Default: 0.'],
    ['smtpmessagerate', 'Messages from one address in a minute, 0 for any number. Default: 0.'],
    ['servercert.pem', 'Private key and certificates, in PEM, for TLS. Without it there is none.'],
    ['qmailqueue', 'A program that is run in place of the queue, unless $QMAILQUEUE names one.'],
  ],
  exitCodes: [
    ['0', 'The client said QUIT; with --listen, it was ended by a signal.'],
    ['1', 'The client went away without that, or was refused.'],
    ['100', 'The program was called wrongly.'],
    ['111', 'The home, a control file, the certificate or an address cannot be used.'],
  ],
  limits: [
    ['address', `${smtpAddressBytesMax} bytes`],
    [
      'message whose signatures are judged',
      `${judgeLimits.headerBytesMax} bytes and ${judgeLimits.headerLinesMax} lines of header, ${judgeLimits.signaturesMax} signatures, ${judgeLimits.lineBytesMax} bytes in a line`,
    ],
    ['judgement', `${judgeLimits.judgeMsMax / 1000} seconds; what is not known by then is a temporary error`],
    ['command', `${preset.commandBytesMax} bytes`],
    ['name of a client', `${preset.heloBytesMax} bytes`],
    ['Received and Delivered-To fields of a message', `${preset.hopsMax - 1}`],
    ['wrong passwords of a session', `${preset.authFailuresMax}`],
    [
      'logins that are checked at the same time',
      `${checkLimits.checksMax}, for ${checkLimits.checkMsMax / 1000} seconds each`,
    ],
    ['handshake of TLS', `${serverHandshakeMsMax / 1000} seconds`],
    ['silence while three quarters of the connections are taken', `${preset.crowdedIdleMs / 1000} seconds`],
    [
      'refusals of connections over the limits or from elsewhere',
      `${preset.refusalsMax} at the same time; more are closed without an answer`,
    ],
    [
      'refusals of a session, since its last message',
      `${preset.errorsMax}, and ${preset.postponedMax} of recipients that are too many for one message, of which the log has the first`,
    ],
    ['session', `${preset.totalMs / 1000} seconds in all`],
    [
      'after a refusal that ends the session',
      `${preset.lingerMs / 1000} seconds and ${preset.lingerBytesMax} bytes, until the client has read it`,
    ],
    [
      'message that is too large',
      `is read to its end, but no more than ${preset.excessBytesMax} bytes of it`,
    ],
  ],
  seeAlso: ['qmail-queue(8)', 'qmail-newmrh(8)', 'qmail-qmqpd(8)', 'tcpserver(1)', 'tcp-environ(5)'],
};

/** Where qmail-pspawn is. */
const channelDescriptor = 3;

const exitClosed = 1;
const exitUsage = 100;
const exitTemporary = 111;

const exitCodes: Readonly<Record<SmtpEnding, number>> = { quit: 0, refused: exitClosed, closed: exitClosed };

function checkerOf({ operands }: CommandLine, log: (line: string) => void): CheckPassword | undefined {
  const [program, ...args] = operands;
  return program === undefined ? undefined : checkByProgram({ command: [program, ...args], log });
}

/** Nobody is left to ask when the channel is gone: qmail-start begins anew. */
function spawnedChecker(log: (line: string) => void): CheckPassword {
  const socket = new Socket({ fd: channelDescriptor });
  return openCheckLink({ socket, log, onLost: () => process.kill(process.pid, 'SIGTERM') }).check;
}

async function serveOne(system: System, wiring: Wiring, line: CommandLine): Promise<number> {
  const control = openControl(system);
  const { name, policy, limits } = readSmtpSettings(control);
  const queue = chooseQueue(system, wiring.queue);
  const intake = queueIntake({ system, queueFor: () => queue, nextId: () => system.pid });
  const peer = environmentPeer(system);
  const client = {
    relayClient: system.env('RELAYCLIENT'),
    messageBytesMax: databytesOf(system.env('DATABYTES')) ?? limits.messageBytesMax,
  };
  const log = (text: string) => complain(system, manual.name, `${peer.remoteIp}: ${text}`);
  const certificate = line.has('without-tls') ? undefined : openServerCertificate(control.directory, log);
  const check = checkerOf(line, log);
  const isKnown = queue === wiring.queue ? askForRecipients(system) : undefined;
  const ending = await serveSmtpDescriptors({
    input: process.stdin,
    output: process.stdout,
    limits: { ...limits, messageBytesMax: client.messageBytesMax },
    name,
    implicitTls: false,
    secureContext: () => certificate?.context,
    authenticate: check && ((credentials) => check({ ...credentials, timestamp: '' }, peer.remoteIp)),
    recipient(address, facts) {
      const judged = policy.recipient(address, facts, client);
      return judged.ok && isKnown !== undefined ? unlessUnknown(judged, isKnown) : judged;
    },
    begin: (facts) =>
      beginSubmission(
        { intake, peer, facts, now: system.now },
        client.relayClient,
        smtpJudge(system, control),
      ),
    onTlsFailure: log,
  });
  return exitCodes[ending];
}

async function listen(system: System, wiring: Wiring, line: CommandLine): Promise<number> {
  const relay =
    line.has('relay') && chooseQueue(system, wiring.queue) === wiring.queue
      ? relayIntake(system, homeDirectory(system))
      : undefined;
  const log = (text: string) => system.files.write(2, bytesOf(byteStringOf(`${text}\n`)));
  const control = openControl(system);
  const service = startSmtpService({
    control,
    intake: (variables) => networkIntake({ system, builtIn: wiring.queue, intake: relay, variables }),
    checkPassword: line.has('logins') ? spawnedChecker(log) : checkerOf(line, log),
    isKnown: relay && ((address) => relay.isKnown(address)),
    judge: smtpJudge(system, control),
    log,
  });
  return await serveUntilEnded({ system, line, name: manual.name, protocols: ['smtp', 'smtps'], service });
}

export const qmailSmtpd: Program = {
  manual,
  run: async (system, wiring) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok) {
      complain(system, manual.name, `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    try {
      system.files.status(homeDirectory(system));
    } catch (error) {
      complain(system, manual.name, `fatal: no home directory: ${errorText(error)}`);
      return exitTemporary;
    }
    return await (isListening(parsed.line) ? listen : serveOne)(system, wiring, parsed.line);
  },
};
