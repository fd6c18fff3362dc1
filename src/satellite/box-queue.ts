/**
 * The queue of a box, by what its control files say of who may read the key and write the spool:
 *
 *     control/collector names a directory: qmail-collectd listens there, and each message goes to it
 *     control/drop names a directory: each message is left there, and the flush takes it
 *     neither: the caller itself hands each message to a hub, and keeps it in the spool if there is one
 */
import { formatPackage } from '../../qmqp/index.ts';
import { openControl } from '../control/index.ts';
import { answerOfQueueExit, queueExit } from '../mail/index.ts';
import { type Queue, type QueueOutcome, submitLocally } from '../submit/index.ts';
import { type ByteString, errorText, printable, type System } from '../system/index.ts';
import { directoryIn } from './directory-in.ts';
import { leavePackage } from './drop.ts';
import { spoolDefaults } from './spool-settings.ts';
import { openSatelliteRoute, type SatelliteRoute } from './spooling-queue.ts';

/**
 * How long the collector may be at work on a message: longer than several hubs, one after the other, can keep it. If it
 * ends, its connection does, and is heard of at once; who gave up before it would send again what is sent already.
 */
export const collectorReplyMs = 86_400_000;

function failed(exitCode: number, details: string): QueueOutcome {
  const { verdict, text } = answerOfQueueExit(exitCode);
  return { exitCode, answer: { verdict, text: `${text}: ${details}` } };
}

function dropRoute(system: System, directory: ByteString): SatelliteRoute {
  const freeBytes = openControl(system).number('spoolfree', spoolDefaults.spoolfree);
  return {
    ok: true,
    async submit(message, envelope) {
      try {
        leavePackage(system, directory, freeBytes, formatPackage(message, envelope));
        return {
          exitCode: queueExit.accepted,
          answer: { verdict: 'K', text: `left in ${directory} for the next flush` },
        };
      } catch (error) {
        return failed(queueExit.writeError, printable(errorText(error)));
      }
    },
  };
}

/** The way that messages take, or why there is none: known before a message is read. */
export function openBoxRoute(system: System): SatelliteRoute {
  try {
    const collector = directoryIn(system, 'collector');
    if (collector !== undefined) {
      return {
        ok: true,
        submit: (message, envelope) =>
          submitLocally(system, collector, 'is qmail-collectd running?', message, envelope, collectorReplyMs),
      };
    }
    const drop = directoryIn(system, 'drop');
    if (drop !== undefined) return dropRoute(system, drop);
  } catch (error) {
    return { ok: false, outcome: failed(queueExit.configuration, errorText(error)) };
  }
  return openSatelliteRoute(system);
}

export const boxQueue: Queue = async (system, message, envelope) => {
  const route = openBoxRoute(system);
  return route.ok ? await route.submit(message, envelope) : route.outcome;
};
