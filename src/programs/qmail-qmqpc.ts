/** qmail-qmqpc: stands in for qmail-queue on a machine without a queue and hands each message to a hub. */

import { queueExit } from '../mail/index.ts';
import type { Manual } from '../manual/index.ts';
import { openBoxRoute, spoolDefaults } from '../satellite/index.ts';
import { qmqpTimeouts, readSubmission, type SubmissionLimits } from '../submit/index.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

/** The hub has limits of its own and answers for them; these only keep one run within bounds. */
const limits: SubmissionLimits = {
  messageBytesMax: 2_000_000_000,
  addressBytesMax: 65_535,
  recipientsMax: 1_000_000,
  envelopeBytesMax: 64 * 1024 * 1024,
};

const manual: Manual = {
  name: 'qmail-qmqpc',
  section: 8,
  purpose: 'hand a message to a hub over QMQP',
  synopsis: [''],
  description: [
    'qmail-qmqpc takes the place of qmail-queue on a machine that has no queue. It reads a message on descriptor 0 to its end and an envelope on descriptor 1, and hands both to the first hub in control/qmqpservers that takes them. Messages over 64 KiB wait in a temporary file without a name. No field is added to the message. Arguments are ignored.',
    'The next hub is tried when one cannot be reached, when a session breaks or times out, when an answer is no complete QMQP reply, and when a hub says that it cannot take the message now. A hub that refuses the message ends the search. A name that has several addresses is tried at each of them.',
    'When a session breaks after the last byte was sent, nobody knows whether the hub took the message. The same address is then asked once more, with the same bytes, before any other: a hub that remembers what it took answers as it did the first time.',
    'Where control/spool names a directory, a message that no hub takes now is kept there, and that is success, too. One that a hub may have, since a session broke after its last byte, waits there for that hub and is offered to no other meanwhile. A message that a hub refuses is never kept.',
    'On a box whose users may not read its key or write its spool, control/collector names the directory of a collector, to which the message goes instead (see qmail-collectd), or control/drop a directory where it is left for the next flush. Then the control files that follow are those of the collector or of the flush.',
    'Success means that a hub, or the spool, has the message on stable storage. What each hub answered is written to descriptor 2 when neither has it.',
  ],
  environment: [
    ['QMAILHOME', 'The directory that holds control/; /var/qmail without it.'],
    ['TMPDIR', 'Where temporary files are made; else /tmp, /var/tmp, /dev/shm.'],
  ],
  controls: [
    ['collector', 'The directory of the collector. Default: none, the caller itself sends.'],
    ['drop', 'The directory where messages are left, unless there is a collector. Default: none.'],
    [
      'qmqpservers',
      'The hubs, one on a line: an IPv4 address, an IPv6 address or a name, each with or without a port as in 192.0.2.1:628, [2001:db8::1]:628 or hub.example:628. An IPv6 address with a port stands in brackets. The port is 628 by default. What follows a blank is a comment, as is a line that begins with #. A hub in TLS (QMQPS) is qmqps://HOST:PORT FINGERPRINT, with the fingerprint of its key, or two while it changes its key; qmail-enroll(8) writes such a line. A line that names no hub is reported on descriptor 2 and skipped. Required.',
    ],
    ['qmqpskey', 'The private key and certificate of this host, for hubs in TLS. qmail-enroll(8) makes it.'],
    [
      'qmqptunnel',
      'A command that speaks TLS with a hub in place of this program: the path of a program, from QMAILHOME when it is not absolute, and its arguments, between blanks, read by no shell. It is started for each session with a hub in TLS. %a in it is the address of the hub, %h its name, %p its port, %% a percent sign. What the program reads on descriptor 0 it sends to the hub, what comes from there it writes on 1. It finds the fingerprints of the hub in $QMQPPINS, and it is for this program to refuse every other hub. It is ended with the session. Default: none; a body that has TLS speaks it by itself.',
    ],
    [
      'qmqpshuffle',
      'When it is not 0, each message tries the hubs in a random order. Default: 0, in the order of the file.',
    ],
    ['timeoutconnect', `Seconds to wait for a connection. Default: ${qmqpTimeouts.timeoutconnect}.`],
    [
      'timeoutremote',
      `Seconds to wait for the hub to take or to send more bytes. Default: ${qmqpTimeouts.timeoutremote}.`,
    ],
    ['timeouttotal', `Seconds that a session with one hub may last. Default: ${qmqpTimeouts.timeouttotal}.`],
    [
      'spool',
      'The directory that keeps what no hub takes. It is made, for its first user alone, when it is missing; the directory around it must exist. A relative path counts from QMAILHOME. Default: none, nothing is kept.',
    ],
    ['spoolbytes', `Bytes that the spool may hold, in blocks of 4096. Default: ${spoolDefaults.spoolbytes}.`],
    ['spoolmessages', `Messages that the spool may hold. Default: ${spoolDefaults.spoolmessages}.`],
    ['spoolfree', `Bytes of its disk that the spool leaves free. Default: ${spoolDefaults.spoolfree}.`],
  ],
  exitCodes: [
    ['0', 'A hub has taken the message, or the spool has.'],
    ['11', 'An address is longer than the limit.'],
    ['31', 'A hub has refused the message, or it is larger than a limit.'],
    [
      '53',
      'The message could not be written to a temporary file, or no hub took it and the spool is full or cannot be written to.',
    ],
    ['54', 'The message or the envelope could not be read.'],
    ['55', 'A control file cannot be read, control/qmqpservers is missing, or no line in it names a hub.'],
    ['56', 'There was no socket for a connection with the last hub.'],
    ['61', 'There is no home directory.'],
    ['71', 'The last hub cannot take the message now.'],
    ['72', 'The connection to the last hub timed out.'],
    ['73', 'The connection to the last hub was refused or failed, or its name was not found.'],
    ['74', 'The session with the last hub broke, or its answer was no reply.'],
    ['91', 'The envelope is malformed or ends too early.'],
  ],
  limits: [
    ['message', `${limits.messageBytesMax} bytes`],
    ['address', `${limits.addressBytesMax} bytes`],
    ['recipients', `${limits.recipientsMax}`],
    ['envelope', `${limits.envelopeBytesMax} bytes`],
    ['reply', '16384 bytes; a longer one is no reply'],
    ['addresses of one name', '16 are tried'],
    ['answer of qmail-collectd', '86400 seconds, in which it asks one hub after the other'],
    [
      'lookup of a name',
      '30 seconds in the native executable, which asks 3 name servers, searches 6 domains, and follows 8 aliases',
    ],
  ],
  bugs: [
    'Behind control/qmqptunnel a hub that cannot be reached looks to the executable on Node like a session that broke after its last byte: it does not see how much the program has read before it ended. The native executable does.',
    'A message can be taken twice when a session breaks after its last byte and the hub does not remember what it took, or, without a spool, cannot be reached for the second time.',
    'qmail-remote reads control/timeoutconnect and control/timeoutremote as well: a machine that runs both gives both the same values.',
  ],
  seeAlso: ['qmail-enroll(8)', 'qmail-collectd(8)', 'qmail-qmqpd(8)', 'qmail-queue(8)', 'qmail-control(5)'],
};

export const qmailQmqpc: Program = {
  manual,
  run: async (system) => {
    const route = openBoxRoute(system);
    if (!route.ok) {
      complain(system, manual.name, route.outcome.answer.text);
      return route.outcome.exitCode;
    }
    const read = readSubmission(system, limits, queueExit.envelopeFormat);
    if (!read.ok) {
      complain(system, manual.name, read.problem);
      return read.exitCode;
    }
    const { message, envelope } = read;
    try {
      const { exitCode, answer } = await route.submit(message, envelope);
      if (exitCode !== queueExit.accepted) complain(system, manual.name, answer.text);
      return exitCode;
    } finally {
      message.close();
    }
  },
};
