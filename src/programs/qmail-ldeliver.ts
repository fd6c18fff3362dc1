/** qmail-ldeliver: the delivery worker of one user. */
import { Socket } from 'node:net';
import { homeDirectory, openControl } from '../control/index.ts';
import { channelDescriptor, createDiskChoice, deliverLocally } from '../local/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { runProgramAside } from '../process/index.ts';
import { createBodyFetcher, parseWorkerJob, serveJobs } from '../spawn/index.ts';
import { chooseQueue } from '../submit/index.ts';
import { nativeText } from '../system/node/index.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';
import { programSecondsDefault, readProgramMsMax } from './program-time.ts';

const manual: Manual = {
  name: 'qmail-ldeliver',
  section: 8,
  purpose: 'carry out deliveries for one user',
  synopsis: ['DEFAULTDELIVERY'],
  description: [
    'qmail-ldeliver is started by qmail-lspawn as a user to whom mail has come. It takes jobs on descriptor 3, fetches each message from qmail-send with the token that came with the job, does what qmail-local would do, and answers. It goes on until descriptor 3 ends. It is not to be called by people.',
    'It reads no message but those that are for its user, and can write nothing but what that user can.',
  ],
  environment: [
    ['QMAILHOME', 'The directory that holds control/ and queue/; /var/qmail without it.'],
    ['QMAILQUEUE', 'A program that takes forwards in place of the queue.'],
  ],
  controls: [
    ['qmailqueue', 'A program in place of the queue, unless $QMAILQUEUE names one.'],
    [
      'timeoutprogram',
      `Seconds for which a program of a .qmail file may run. Default: ${programSecondsDefault}.`,
    ],
  ],
  exitCodes: [
    ['0', 'Descriptor 3 has ended, and all jobs are done.'],
    ['100', 'It was called wrongly, or as root.'],
    ['111', 'It could not go on.'],
  ],
  seeAlso: ['qmail-lspawn(8)', 'qmail-local(8)', 'qmail-start(8)'],
};

const exitUsage = 100;

/**
 * There are many workers, each of which does a little now and then: code that V8 compiles a second and a third time costs
 * each of them more than it gains, and keeps less of it in the processor's caches.
 */
function compileOnce(): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  for (const flag of ['--no-opt', '--no-maglev']) setFlagsFromString(flag);
}

/** Nothing but the end of its channel ends a worker in the middle of a delivery. */
export function ignoreSignals(): void {
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGALRM'] as const) process.on(name, () => {});
}

export const qmailLdeliver: Program = {
  manual,
  async run(system, wiring) {
    const parsed = parseCommandLine(manual, system.args);
    const [delivery] = parsed.ok ? parsed.line.operands : [];
    if (delivery === undefined || !parsed.ok || parsed.line.operands.length > 1) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    if (system.uid === 0) {
      complain(system, manual.name, 'it does not deliver as root');
      return exitUsage;
    }
    ignoreSignals();
    compileOnce();
    process.umask(0o077);
    const programMsMax = readProgramMsMax(openControl(system));
    const queue = chooseQueue(system, wiring.queue, runProgramAside);
    const bodies = createBodyFetcher(system, nativeText(`${homeDirectory(system)}/queue`));
    let running = 0;
    const disks = createDiskChoice();
    const diskFor = (sizeBytes: number) => disks.forDelivery(sizeBytes, running);
    await serveJobs(new Socket({ fd: channelDescriptor, allowHalfOpen: true }), async (fields) => {
      const asked = parseWorkerJob(fields);
      if (asked === undefined) throw new Error('this is no delivery');
      const { token, sizeBytes, ...delivered } = asked;
      const body = await bodies.fetch(token, sizeBytes);
      running += 1;
      try {
        const job = { ...delivered, delivery, body, nowMs: system.now() };
        return await deliverLocally(job, { system, queue, programMsMax, diskFor });
      } finally {
        running -= 1;
        body.release();
      }
    });
    bodies.close();
    return 0;
  },
};
