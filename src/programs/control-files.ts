/** The control files that programs of this system read, as qmail-showctl explains them. A test holds the list to the manual pages. */
import type { ByteString } from '../system/index.ts';

interface Described {
  readonly name: string;
  /** A sentence with VALUE where the value stands. */
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

/** Nothing of it is shown. */
interface SecretFile extends Described {
  readonly kind: 'secret';
  readonly without: string;
}

export type ControlFile = SecretFile | LineFile | NumberFile | ListFile;

export const controlFiles: readonly ControlFile[] = [
  {
    name: 'allowlists',
    kind: 'list',
    says: 'SMTP clients on this list in DNS are not blocked: VALUE.',
    without: 'No list in DNS speaks for SMTP clients.',
  },
  {
    name: 'authresults',
    kind: 'line',
    says: 'Messages of strangers are judged in the name of VALUE.',
    without: 'Messages of strangers are not judged.',
  },
  {
    name: 'badmailfrom',
    kind: 'list',
    says: 'SMTP clients may not send messages from VALUE.',
    without: 'SMTP clients may send messages from any address.',
  },
  {
    name: 'blocklists',
    kind: 'list',
    says: 'SMTP clients on this list in DNS are blocked: VALUE.',
    without: 'No list in DNS blocks SMTP clients.',
  },
  {
    name: 'blocklistsfailclosed',
    kind: 'number',
    says: 'Whether a list in DNS that cannot be asked blocks SMTP clients for now, 1 for yes: VALUE.',
    preset: '0',
  },
  {
    name: 'blocklistspermanent',
    kind: 'number',
    says: 'Whether SMTP clients on a list in DNS are refused for ever, 1 for yes: VALUE.',
    preset: '0',
  },
  { name: 'bouncefrom', kind: 'line', says: 'Bounce user name is VALUE.', preset: 'MAILER-DAEMON' },
  { name: 'bouncehost', kind: 'line', says: 'Bounce host name is VALUE.', orMe: true, preset: 'bouncehost' },
  {
    name: 'bouncemaxbytes',
    kind: 'number',
    says: 'Messages of more bytes are bounced with their header only: VALUE.',
    preset: '65536',
  },
  {
    name: 'checkpassword',
    kind: 'line',
    says: 'Passwords are checked by VALUE.',
    without: 'Passwords are checked by checkpassword.',
  },
  {
    name: 'collector',
    kind: 'line',
    says: 'Messages go to the collector in VALUE.',
    without: 'There is no collector: programs send by themselves.',
  },
  {
    name: 'concurrencylocal',
    kind: 'number',
    says: 'Local deliveries at the same time: VALUE.',
    preset: '10',
  },
  {
    name: 'concurrencypop3',
    kind: 'number',
    says: 'POP3 connections at the same time: VALUE.',
    preset: '200',
  },
  {
    name: 'concurrencypop3perip',
    kind: 'number',
    says: 'POP3 connections at the same time from one address: VALUE.',
    preset: '10',
  },
  {
    name: 'concurrencyqmqp',
    kind: 'number',
    says: 'QMQP connections at the same time: VALUE.',
    preset: '400',
  },
  {
    name: 'concurrencyqmqpperip',
    kind: 'number',
    says: 'QMQP connections at the same time from one address: VALUE.',
    preset: '100',
  },
  {
    name: 'concurrencyqmtp',
    kind: 'number',
    says: 'QMTP connections at the same time: VALUE.',
    preset: '400',
  },
  {
    name: 'concurrencyqmtpperip',
    kind: 'number',
    says: 'QMTP connections at the same time from one address: VALUE.',
    preset: '50',
  },
  {
    name: 'concurrencyremote',
    kind: 'number',
    says: 'Remote deliveries at the same time: VALUE.',
    preset: '20',
  },
  {
    name: 'concurrencysmtp',
    kind: 'number',
    says: 'SMTP connections at the same time: VALUE.',
    preset: '1000',
  },
  {
    name: 'concurrencysmtpperip',
    kind: 'number',
    says: 'SMTP connections at the same time from one address: VALUE.',
    preset: '50',
  },
  {
    name: 'concurrencyusers',
    kind: 'number',
    says: 'Delivery workers at the same time: VALUE.',
    preset: '60',
  },
  {
    name: 'databytes',
    kind: 'number',
    says: 'Messages over SMTP have at most VALUE bytes, if it is not 0.',
    preset: '0',
  },
  {
    name: 'defaultdomain',
    kind: 'line',
    says: 'Default domain name is VALUE.',
    orMe: true,
    preset: 'defaultdomain',
  },
  {
    name: 'defaulthost',
    kind: 'line',
    says: 'Default host name is VALUE.',
    orMe: true,
    preset: 'defaulthost',
  },
  {
    name: 'doublebouncehost',
    kind: 'line',
    says: 'Double bounce host name is VALUE.',
    orMe: true,
    preset: 'doublebouncehost',
  },
  { name: 'doublebounceto', kind: 'line', says: 'Double bounce user name is VALUE.', preset: 'postmaster' },
  {
    name: 'drop',
    kind: 'line',
    says: 'Messages are left in VALUE for the next flush.',
    without: 'No messages are left for the next flush to take.',
  },
  {
    name: 'envnoathost',
    kind: 'line',
    says: 'Presumed domain name is VALUE.',
    orMe: true,
    preset: 'envnoathost',
  },
  {
    name: 'helohost',
    kind: 'line',
    says: 'SMTP client HELO host name is VALUE.',
    orMe: true,
    preset: 'helohost',
  },
  { name: 'idhost', kind: 'line', says: 'Message-ID host name is VALUE.', orMe: true, preset: 'idhost' },
  { name: 'localiphost', kind: 'line', says: 'The name for an address of this host is VALUE.', orMe: true },
  {
    name: 'locals',
    kind: 'list',
    says: 'Messages for VALUE are delivered locally.',
    orMe: true,
    without: 'Nothing is delivered locally.',
  },
  {
    name: 'masquerade',
    kind: 'list',
    says: 'Senders leave under another address: VALUE.',
    without: 'Senders leave under their own addresses.',
  },
  {
    name: 'me',
    kind: 'line',
    says: 'My name is VALUE.',
    without: 'My name is not known: most programs will refuse to work.',
  },
  {
    name: 'moreipme',
    kind: 'list',
    says: 'This host is reached at VALUE too.',
    without: 'This host has the addresses of its network interfaces.',
  },
  {
    name: 'morercpthosts',
    kind: 'list',
    says: 'More domains that mail is accepted for, when qmail-newmrh has been run: VALUE.',
    without: 'No more domains that mail is accepted for.',
  },
  {
    name: 'mtasts',
    kind: 'number',
    says: 'Domains are asked for a policy (MTA-STS) unless this is 0: VALUE.',
    preset: '1',
  },
  {
    name: 'notipme',
    kind: 'list',
    says: 'VALUE is not taken for an address of this host.',
    without: 'Every address of a network interface is taken for one of this host.',
  },
  {
    name: 'percenthack',
    kind: 'list',
    says: 'The percent hack is allowed for user%host@VALUE.',
    without: 'The percent hack is not allowed.',
  },
  { name: 'plusdomain', kind: 'line', says: 'Plus domain name is VALUE.', orMe: true, preset: 'plusdomain' },
  {
    name: 'pop3connectionrate',
    kind: 'number',
    says: 'POP3 connections from one address in a minute, if it is not 0: VALUE.',
    preset: '0',
  },
  {
    name: 'pop3d',
    kind: 'line',
    says: 'Mail is served over POP3 by VALUE.',
    without: 'Mail is served over POP3 by qmail-pop3d, from ./Maildir/ in the home of each user.',
  },
  {
    name: 'pop3rules',
    kind: 'list',
    says: 'POP3 clients: VALUE.',
    without: 'POP3 clients may connect from any address.',
  },
  {
    name: 'popapop',
    kind: 'number',
    says: 'Whether APOP is offered over POP3, 1 for yes: VALUE.',
    preset: '0',
  },
  {
    name: 'popplaintext',
    kind: 'number',
    says: 'Whether POP3 takes passwords without TLS from everywhere, 1 for yes: VALUE.',
    preset: '0',
  },
  {
    name: 'qmailqueue',
    kind: 'line',
    says: 'Messages are queued by the program VALUE.',
    without: 'Messages are queued by the built-in qmail-queue.',
  },
  {
    name: 'qmailremote',
    kind: 'line',
    says: 'Mail for other hosts goes through VALUE.',
    without: 'Mail for other hosts is sent by what is built in.',
  },
  {
    name: 'qmqpdatabytes',
    kind: 'number',
    says: 'Messages over QMQP have at most VALUE bytes.',
    preset: '2000000000',
  },
  {
    name: 'qmqprecipients',
    kind: 'number',
    says: 'Messages over QMQP have at most VALUE recipients.',
    preset: '50000',
  },
  {
    name: 'qmqprules',
    kind: 'list',
    says: 'QMQP clients: VALUE.',
    without: 'QMQP clients may send from the loopback only.',
  },
  { name: 'qmqpservers', kind: 'list', says: 'QMQP server: VALUE.', without: 'No QMQP servers.' },
  {
    name: 'qmqpshuffle',
    kind: 'number',
    says: 'QMQP servers are tried in the order of their list if this is 0: VALUE.',
    preset: '0',
  },
  {
    name: 'qmqpskey',
    kind: 'secret',
    says: 'The key of this host for QMQP in TLS is in VALUE.',
    without: 'This host has no key for QMQP in TLS.',
  },
  {
    name: 'qmqptunnel',
    kind: 'line',
    says: 'Hubs in TLS are reached through the program VALUE.',
    without: 'Hubs in TLS are reached without a program in between.',
  },
  {
    name: 'qmtpconnectionrate',
    kind: 'number',
    says: 'QMTP connections from one address in a minute, if it is not 0: VALUE.',
    preset: '0',
  },
  {
    name: 'qmtpmessagerate',
    kind: 'number',
    says: 'QMTP messages from one address in a minute, if it is not 0: VALUE.',
    preset: '0',
  },
  { name: 'qmtproutes', kind: 'list', says: 'QMTP route: VALUE.', without: 'No QMTP routes.' },
  {
    name: 'qmtprules',
    kind: 'list',
    says: 'QMTP rule: VALUE.',
    without: 'Everybody may connect over QMTP, and nobody may send to anywhere.',
  },
  {
    name: 'queuelifetime',
    kind: 'number',
    says: 'Messages stay in the queue for up to VALUE seconds.',
    preset: '604800',
  },
  {
    name: 'rcpthosts',
    kind: 'list',
    says: 'SMTP clients may send messages to recipients at VALUE.',
    orMe: true,
    without: 'SMTP clients may send messages to no recipient.',
  },
  {
    name: 'remoteconnections',
    kind: 'number',
    says: 'SMTP client connections to one destination: VALUE.',
    preset: '20',
  },
  {
    name: 'remoteidle',
    kind: 'number',
    says: 'Seconds for which an idle SMTP client connection is kept: VALUE.',
    preset: '10',
  },
  {
    name: 'remotemessages',
    kind: 'number',
    says: 'Messages over one SMTP client connection: VALUE.',
    preset: '100',
  },
  {
    name: 'remoterecipients',
    kind: 'number',
    says: 'Recipients in one transaction of the SMTP client: VALUE.',
    preset: '100',
  },
  {
    name: 'servercert.pem',
    kind: 'secret',
    says: 'The key and certificates of this host for TLS are in VALUE.',
    without: 'This host has no certificate: SMTP is spoken without TLS.',
  },
  {
    name: 'smtpca',
    kind: 'secret',
    says: 'Authorities for servers in TLS are in VALUE.',
    without: 'Servers in TLS are verified by the authorities that are built in.',
  },
  {
    name: 'smtpconnectionrate',
    kind: 'number',
    says: 'SMTP connections from one address in a minute, if it is not 0: VALUE.',
    preset: '0',
  },
  { name: 'smtpgreeting', kind: 'line', says: 'SMTP greeting is VALUE.', orMe: true },
  {
    name: 'smtpmessagerate',
    kind: 'number',
    says: 'Messages over SMTP from one address in a minute, if it is not 0: VALUE.',
    preset: '0',
  },
  {
    name: 'smtppasswords',
    kind: 'secret',
    says: 'Passwords for SMTP servers are in VALUE.',
    without: 'No passwords for SMTP servers.',
  },
  {
    name: 'smtprecipients',
    kind: 'number',
    says: 'Messages over SMTP have at most VALUE recipients.',
    preset: '1000',
  },
  { name: 'smtproutes', kind: 'list', says: 'SMTP route: VALUE.', without: 'No artificial SMTP routes.' },
  {
    name: 'smtprules',
    kind: 'list',
    says: 'SMTP clients: VALUE.',
    without: 'SMTP clients may connect from any address.',
  },
  {
    name: 'spool',
    kind: 'line',
    says: 'What no hub takes is kept in VALUE.',
    without: 'What no hub takes is not kept.',
  },
  { name: 'spoolbytes', kind: 'number', says: 'The spool may hold VALUE bytes.', preset: '1073741824' },
  {
    name: 'spoolfree',
    kind: 'number',
    says: 'The spool leaves VALUE bytes of its disk free.',
    preset: '16777216',
  },
  {
    name: 'spoollifetime',
    kind: 'number',
    says: 'Messages that no hub takes are bounced after VALUE seconds.',
    preset: '604800',
  },
  { name: 'spoolmessages', kind: 'number', says: 'The spool may hold VALUE messages.', preset: '1000000' },
  {
    name: 'spoolpatience',
    kind: 'number',
    says: 'A message that a hub may have waits for it alone for VALUE seconds.',
    preset: '900',
  },
  {
    name: 'submissionmemory',
    kind: 'number',
    says: 'The same submission is taken once within VALUE seconds.',
    preset: '604800',
  },
  {
    name: 'timeoutconnect',
    kind: 'number',
    says: 'QMQP client connection timeout is VALUE seconds.',
    preset: '10',
  },
  {
    name: 'timeoutprogram',
    kind: 'number',
    says: 'Programs of .qmail files may run for VALUE seconds.',
    preset: '3600',
  },
  { name: 'timeoutqmqpd', kind: 'number', says: 'QMQP server data timeout is VALUE seconds.', preset: '300' },
  {
    name: 'timeoutqmtpd',
    kind: 'number',
    says: 'QMTP server data timeout is VALUE seconds.',
    preset: '300',
  },
  { name: 'timeoutremote', kind: 'number', says: 'QMQP client data timeout is VALUE seconds.', preset: '60' },
  { name: 'timeoutsmtpd', kind: 'number', says: 'SMTP server data timeout is VALUE seconds.', preset: '300' },
  {
    name: 'timeouttotal',
    kind: 'number',
    says: 'QMQP client session timeout is VALUE seconds.',
    preset: '3600',
  },
  {
    name: 'timeoutworker',
    kind: 'number',
    says: 'Seconds for which an idle delivery worker is kept: VALUE.',
    preset: '60',
  },
  { name: 'virtualdomains', kind: 'list', says: 'Virtual domain: VALUE.', without: 'No virtual domains.' },
];
