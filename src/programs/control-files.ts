/** The control files that programs of this system read, as qmail-showctl explains them. A test holds the list to the manual pages. */
import type { ByteString } from '../system/index.ts';

interface Described {
  readonly name: string;
  /** A sentence with % where the value stands. */
  readonly says: string;
}

/** One value: its first line. */
interface LineFile extends Described {
  readonly kind: 'line';
  /** Where the file is missing: the value of control/me, if any ... */
  readonly orMe?: boolean;
  /** ... else this value, if any ... */
  readonly preset?: ByteString;
  /** ... else what that means. */
  readonly without?: string;
}

/** One number. */
interface NumberFile extends Described {
  readonly kind: 'number';
  readonly preset: string;
}

/** One entry per line. */
interface ListFile extends Described {
  readonly kind: 'list';
  readonly orMe?: boolean;
  readonly without: string;
}

export type ControlFile = LineFile | NumberFile | ListFile;

export const controlFiles: readonly ControlFile[] = [
  {
    name: 'concurrencyqmqp',
    kind: 'number',
    says: 'The QMQP listener serves % connections at the same time.',
    preset: '400',
  },
  {
    name: 'concurrencyqmqpperip',
    kind: 'number',
    says: 'The QMQP listener serves % connections from one address at the same time.',
    preset: '100',
  },
  {
    name: 'defaultdomain',
    kind: 'line',
    says: 'Default domain name is %.',
    orMe: true,
    preset: 'defaultdomain',
  },
  { name: 'defaulthost', kind: 'line', says: 'Default host name is %.', orMe: true, preset: 'defaulthost' },
  { name: 'idhost', kind: 'line', says: 'Message-ID host name is %.', orMe: true, preset: 'idhost' },
  {
    name: 'locals',
    kind: 'list',
    says: 'Messages for % are delivered locally.',
    orMe: true,
    without: 'Nothing is delivered locally.',
  },
  {
    name: 'me',
    kind: 'line',
    says: 'My name is %.',
    without: 'My name is not known: most programs will refuse to work.',
  },
  { name: 'plusdomain', kind: 'line', says: 'Plus domain name is %.', orMe: true, preset: 'plusdomain' },
  {
    name: 'qmailqueue',
    kind: 'line',
    says: 'Messages are queued by the program %.',
    without: 'Messages are queued by the built-in qmail-queue.',
  },
  {
    name: 'qmqpdatabytes',
    kind: 'number',
    says: 'QMQP clients may send messages of % bytes.',
    preset: '2000000000',
  },
  {
    name: 'qmqprecipients',
    kind: 'number',
    says: 'QMQP clients may send messages to % recipients.',
    preset: '50000',
  },
  { name: 'qmqpservers', kind: 'list', says: 'QMQP server: %.', without: 'No QMQP servers.' },
  {
    name: 'qmqpshuffle',
    kind: 'number',
    says: 'QMQP servers are tried in random order unless this is 0: %.',
    preset: '0',
  },
  {
    name: 'rcpthosts',
    kind: 'list',
    says: 'SMTP clients may send messages to recipients at %.',
    without: 'SMTP clients may send messages to any recipient.',
  },
  {
    name: 'timeoutconnect',
    kind: 'number',
    says: 'A connection to a QMQP server may take % seconds.',
    preset: '10',
  },
  {
    name: 'timeoutqmqpd',
    kind: 'number',
    says: 'QMQP clients may be silent for % seconds.',
    preset: '300',
  },
  {
    name: 'timeoutremote',
    kind: 'number',
    says: 'A QMQP server may be silent for % seconds.',
    preset: '60',
  },
  {
    name: 'timeouttotal',
    kind: 'number',
    says: 'A session with a QMQP server may last % seconds.',
    preset: '3600',
  },
];
