/** The variables and control files that every program that completes a header reads, for their manual pages. */
import { headerLimits, recipientsMax } from '../inject/index.ts';
import type { Entry } from '../manual/index.ts';

export const injectEnvironment: readonly Entry[] = [
  [
    'QMAILUSER, MAILUSER, USER, LOGNAME',
    'The user in a From field that is added; the first one that is set counts. Without any: anonymous.',
  ],
  ['QMAILHOST, MAILHOST', 'The host in a From field that is added. Default: control/defaulthost.'],
  ['QMAILNAME, MAILNAME, NAME', 'The full name in a From field that is added.'],
  [
    'QMAILSUSER, QMAILSHOST',
    'The envelope sender, where it is another than user and host of the From field.',
  ],
  [
    'QMAILINJECT',
    'Letters: c puts the full name into a comment; f, i and s remove an incoming From, Message-ID or Return-Path; r gives every recipient an envelope sender of its own (VERP), m every message.',
  ],
  [
    'QMAILMFTFILE',
    'A file with the addresses of mailing lists, one on a line. A message to one of them gets a Mail-Followup-To field with all addresses in To and Cc, unless it has one.',
  ],
  [
    'QMAILDEFAULTDOMAIN, QMAILDEFAULTHOST, QMAILPLUSDOMAIN, QMAILIDHOST',
    'Override the control files of these names.',
  ],
  [
    'QMAILQUEUE',
    'A program that takes the message in place of the queue, by the contract of qmail-queue. Default: control/qmailqueue.',
  ],
  ['QMAILHOME', 'The directory that holds control/; /var/qmail without it.'],
];

export const injectControls: readonly Entry[] = [
  [
    'me',
    'The name of this host: the default of the files below. Without it each one defaults to its own name.',
  ],
  ['defaultdomain', 'Put behind a host name without dots.'],
  ['defaulthost', 'Put behind an address without a host.'],
  ['plusdomain', 'Put behind a host name that ends with a plus sign, which is removed.'],
  ['idhost', 'The host in a Message-ID that is added. Each host should have one of its own.'],
  ['qmailqueue', 'As the variable QMAILQUEUE.'],
];

export const injectLimits: readonly Entry[] = [
  ['headerBytesMax', `${headerLimits.headerBytesMax} bytes in all header fields together.`],
  ['fieldBytesMax', `${headerLimits.fieldBytesMax} bytes in one header field with its continuation lines.`],
  ['recipientsMax', `${recipientsMax} recipients of one message.`],
];

/** What is done to a header, in one paragraph. */
export const injectDescription =
  'Addresses in the header are completed: a box without a host gets control/defaulthost, a host without dots control/defaultdomain, and source routes are removed. Fields that are missing are added on top: Date, Message-ID, From, and a Cc that says that the recipients are not shown when there is neither To nor Cc. In a message that is resent (it has one of the Resent- fields) these are the Resent- forms. Bcc, Resent-Bcc, Return-Path and Content-Length are removed; Return-Path sets the envelope sender. A line that begins with "From " becomes an MBOX-Line field. A line that is no field ends the header. A last line without a newline gets one.';
