/** qmail-queue on a hub: hands a message of this host to the queue of the running qmail-send. */
import { queueExit } from '../mail/index.ts';
import type { Manual } from '../manual/index.ts';
import { addressBytesMax } from '../queue/index.ts';
import { readSubmission, type SubmissionLimits } from '../submit/index.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const limits: SubmissionLimits = {
  messageBytesMax: 2_000_000_000,
  addressBytesMax,
  recipientsMax: 50_000,
  envelopeBytesMax: 4 * 1024 * 1024,
};

const manual: Manual = {
  name: 'qmail-queue',
  section: 8,
  purpose: 'put a message into the queue',
  synopsis: [''],
  description: [
    'qmail-queue reads a message on descriptor 0 to its end and then an envelope on descriptor 1: F, the sender, a NUL; for each recipient T, the address, a NUL; a NUL. Arguments are ignored, and so is what follows the last NUL. One Received field, which names the uid that called, is put on top of the message.',
    'The message goes to the running qmail-send over its intake socket. Exit code 0 means that it is on stable storage and will be delivered or bounced. With any other code it is not in the queue. To abort a submission, close the envelope before its last NUL.',
    'No privilege is needed and none is used: the caller proves its uid by a file that it makes in a directory of the queue.',
  ],
  environment: [
    ['QMAILHOME', 'The directory that holds queue/; /var/qmail without it.'],
    ['TMPDIR', 'Where a message over 64 KiB waits, in a file without a name; else /tmp, /var/tmp, /dev/shm.'],
  ],
  exitCodes: [
    ['0', 'The message is in the queue.'],
    ['11', 'An address is longer than the limit.'],
    ['31', 'The message, the envelope or the number of recipients exceeds a limit.'],
    ['53', 'The queue could not write it; its disk may be full.'],
    ['54', 'The message could not be read, or the envelope ends before its last NUL.'],
    ['62', 'There is no intake: qmail-send is not running.'],
    ['74', 'The conversation with qmail-send broke.'],
    ['91', 'The envelope is malformed.'],
  ],
  limits: [
    ['message', `${limits.messageBytesMax} bytes`],
    ['address', `${limits.addressBytesMax} bytes`],
    ['recipients', `${limits.recipientsMax}`],
    ['envelope', `${limits.envelopeBytesMax} bytes`],
  ],
  bugs: ['While qmail-send is down no message can be queued, unlike with the original.'],
  seeAlso: ['qmail-inject(8)', 'qmail-send(8)', 'qmail-qmqpc(8)'],
};

export const qmailQueue: Program = {
  manual,
  async run(system, wiring) {
    const read = readSubmission(system, limits, queueExit.readError);
    if (!read.ok) {
      complain(system, manual.name, read.problem);
      return read.exitCode;
    }
    try {
      const { exitCode, answer } = await wiring.queue(system, read.message, read.envelope);
      if (exitCode !== queueExit.accepted) complain(system, manual.name, answer.text);
      return exitCode;
    } finally {
      read.message.close();
    }
  },
};
