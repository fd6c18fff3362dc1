/** What the manual pages of those who send mail to other hosts have in common. */

import { signerLimits } from '../authenticate/index.ts';
import { questionMs, questionTries } from '../dns/index.ts';
import { messageHeaderLimits } from '../mail/index.ts';
import type { Manual } from '../manual/index.ts';
import {
  conversationMsMax,
  exchangesMax,
  handshakeMsMax,
  hopsMax,
  hopsMsMax,
  masqueradeBytesMax,
  maxAgeSecondsMax,
  openingMsMax,
  policyHostsMax,
  remoteDefaults,
  replyBytesMax,
  replyTextBytesMax,
  stsCheckMs,
  stsDomainsMax,
  stsFetchMsMax,
  stsPolicyBytesMax,
  timeoutSecondsMax,
} from '../remote/index.ts';

export const remoteControls: NonNullable<Manual['controls']> = [
  ['helohost', 'The name by which this host calls itself. Default: control/me.'],
  [
    'masquerade',
    'Senders that leave for other hosts under another address: lines WHAT:INSTEAD, where WHAT is BOX@HOST, HOST, or .SUFFIX for all hosts below one, and INSTEAD a HOST, which takes the place of the host, or BOX@HOST, which takes that of the whole address. The most exact line counts, and capitals make no difference. It holds for the envelope sender and for the fields From, Sender, Reply-To, Return-Receipt-To, Disposition-Notification-To, Errors-To, Resent-From, Resent-Sender and Resent-Reply-To; what stood there is kept in X-Original fields. Bounces keep their empty sender, and what is delivered here is not changed.',
  ],
  ['me', 'The name of this host. Required.'],
  ['moreipme', 'Addresses that lead to this host besides those of its network interfaces, one on a line.'],
  [
    'mtasts',
    'Whether a domain that has no route of its own is asked for a policy (MTA-STS, RFC 8461): 1 for yes, 0 for no. Under a policy that says enforce, mail goes only to hosts that it names, in TLS, with a certificate for their name; one that says testing or none demands nothing. Policies are kept in queue/lock/mta-sts for as long as they say, so that nobody is rid of one by holding back DNS or the web server. Default: 1.',
  ],
  [
    'notipme',
    'Addresses that are not to be taken for this host: of its network interfaces, or of 127.0.0.0/8 and 0.0.0.0/8, which otherwise mean this host.',
  ],
  [
    'qmtproutes',
    'Routes by QMTP: lines as in smtproutes, the port being 209 without another. They come before those of smtproutes.',
  ],
  [
    'smtpca',
    'Certificates of authorities in PEM, in place of those that are built in, for routes that are verified and for policies of domains.',
  ],
  [
    'smtppasswords',
    'USER:PASSWORD on each line, for routes with user=. It is not used as long as everybody can read it.',
  ],
  [
    'smtproutes',
    'Artificial routes, one on a line: DOMAIN:RELAY[:PORT], where DOMAIN is a domain, .DOMAIN for all below one, or empty for all. The relay is a name or an address, an IPv6 address in brackets; the port is 25 without another. No RELAY: the MX records of the domain say where to. After a blank there may be words: tls=no, tls=may (the default: in TLS where the server offers it, whoever the server is), tls=must (never without), tls=verify (never without a certificate for its name), implicit (TLS from the first byte on, as on port 465), and user=NAME (log in, with the password in smtppasswords; tls=verify if nothing else is said, and never tls=may).',
  ],
  ['timeoutconnect', `Seconds to wait for a connection. Default: ${remoteDefaults.timeoutconnect}.`],
  ['timeoutremote', `Seconds to wait for each reply. Default: ${remoteDefaults.timeoutremote}.`],
];

export const remoteLimits: NonNullable<Manual['limits']> = [
  ['timeouts', `at most ${timeoutSecondsMax} seconds, whatever is configured`],
  ['TLS handshake', `${handshakeMsMax / 1000} seconds`],
  [
    'what comes before the first message',
    `${openingMsMax / 1000} seconds for greeting, names, TLS and login together`,
  ],
  ['one message', `${conversationMsMax / 1000} seconds to one host`],
  ['reply', `${replyBytesMax} bytes; ${replyTextBytesMax} of them are kept`],
  [
    'header of a message that is signed',
    `${signerLimits.headerBytesMax} bytes and ${signerLimits.headerLinesMax} lines; one with more is sent without a signature`,
  ],
  [
    'header in which senders are masqueraded',
    `${messageHeaderLimits.headerBytesMax} bytes, and ${messageHeaderLimits.fieldBytesMax} of one field; a larger one stays as it is`,
  ],
  ['address in control/masquerade', `${masqueradeBytesMax} bytes`],
  ['hosts of MX records', `${exchangesMax} are looked at`],
  ['addresses', `${hopsMax} are tried, and none any more after ${hopsMsMax / 1000} seconds`],
  [
    'policy of a domain',
    `${stsPolicyBytesMax} bytes and ${policyHostsMax} hosts, ${stsFetchMsMax / 1000} seconds to get it, ${maxAgeSecondsMax} seconds to hold; asked for again after ${stsCheckMs / 1000} seconds; ${stsDomainsMax} domains are remembered`,
  ],
  ['DNS', `a question is asked ${questionTries} times, for ${questionMs / 1000} seconds at first`],
];
