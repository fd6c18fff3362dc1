/** qmail-smtpd: takes messages over SMTP, from one connection on descriptors 0 and 1. */
import { homeDirectory, openControl } from '../control/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import {
  environmentPeer,
  messageBytesMax,
  openServerCertificate,
  ownAddresses,
  queueIntake,
  readSmtpPolicy,
  readSmtpServerLimits,
  type SmtpEnding,
  serveSmtpDescriptors,
  smtpAddressBytesMax,
  smtpServerLimits,
  smtpSubmission,
} from '../serve/index.ts';
import { chooseQueue } from '../submit/index.ts';
import { errorText, type System } from '../system/index.ts';
import { complain } from './print.ts';
import type { Program, Wiring } from './program.ts';

const preset = smtpServerLimits;

const manual: Manual = {
  name: 'qmail-smtpd',
  section: 8,
  purpose: 'take messages over SMTP',
  synopsis: [''],
  description: [
    'qmail-smtpd speaks SMTP and hands each message to the queue. It says yes to a message when the queue has it on stable storage, 451 when it may be sent again later, 554 when it never will be accepted. It puts one Received field on top of the message and changes nothing else but that lines end in LF.',
    'It serves one connection on descriptors 0 and 1, as tcpserver, inetd with tcp-env or a systemd socket with Accept=yes start it.',
    'It speaks PIPELINING, SIZE, 8BITMIME, SMTPUTF8, ENHANCEDSTATUSCODES, and STARTTLS if there is control/servercert.pem.',
    'Only CR LF ends a line. A CR or LF on its own within a message, wherever it stands, is answered with 451 and the end of the session, so that nobody can hide a second message in one (SMTP smuggling); within a command it is answered with 500 and the end of the session.',
    'Recipients are taken whose domain is in control/rcpthosts or control/morercpthosts, and those without a domain. A client whose RELAYCLIENT is set may send to anywhere: the value is appended to each recipient.',
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
    ['servercert.pem', 'Private key and certificates, in PEM, for TLS. Without it there is none.'],
    ['qmailqueue', 'A program that is run in place of the queue, unless $QMAILQUEUE names one.'],
  ],
  exitCodes: [
    ['0', 'The client said QUIT.'],
    ['1', 'The client went away without that, or was refused.'],
    ['100', 'The program was called wrongly.'],
    ['111', 'The home or a control file cannot be used.'],
  ],
  limits: [
    ['address', `${smtpAddressBytesMax} bytes`],
    ['command', `${preset.commandBytesMax} bytes`],
    ['name of a client', `${preset.heloBytesMax} bytes`],
    ['Received and Delivered-To fields of a message', `${preset.hopsMax - 1}`],
    ['refusals of a session, since its last message', `${preset.errorsMax}`],
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

const exitClosed = 1;
const exitUsage = 100;
const exitTemporary = 111;

const exitCodes: Readonly<Record<SmtpEnding, number>> = { quit: 0, refused: exitClosed, closed: exitClosed };

/** DATABYTES, as scan_ulong reads it; undefined when it is not set. */
function databytesOf(system: System): number | undefined {
  const text = system.env('DATABYTES');
  return text === undefined ? undefined : messageBytesMax(Number.parseInt(text, 10) || 0);
}

async function serveOne(system: System, wiring: Wiring): Promise<number> {
  const control = openControl(system);
  const name = control.line('smtpgreeting') ?? control.line('me');
  if (name === undefined)
    throw new Error(`${control.directory}/me is missing: write this host's name into it`);
  const queue = chooseQueue(system, wiring.queue);
  const intake = queueIntake({ system, queueFor: () => queue, nextId: () => system.pid });
  const limits = readSmtpServerLimits(control);
  const policy = readSmtpPolicy(control, ownAddresses);
  const certificate = openServerCertificate(control.directory);
  const peer = environmentPeer(system);
  const relayClient = system.env('RELAYCLIENT');
  const ending = await serveSmtpDescriptors({
    input: process.stdin,
    output: process.stdout,
    limits: { ...limits, messageBytesMax: databytesOf(system) ?? limits.messageBytesMax },
    name,
    implicitTls: false,
    secureContext: () => certificate.context,
    recipient: (address, facts) => policy.recipient(address, facts, { relayClient }),
    begin: (facts) => smtpSubmission({ intake, peer, facts, now: system.now }),
    onTlsFailure: (text) => complain(system, manual.name, `${peer.remoteIp}: ${text}`),
  });
  return exitCodes[ending];
}

export const qmailSmtpd: Program = {
  manual,
  run: async (system, wiring) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length > 0) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    try {
      system.files.status(homeDirectory(system));
    } catch (error) {
      complain(system, manual.name, `fatal: no home directory: ${errorText(error)}`);
      return exitTemporary;
    }
    return await serveOne(system, wiring);
  },
};
