/**
 * The queue of a satellite: each message goes, whole, to a hub; where control/spool names a directory, what no hub takes
 * is kept there and success is reported. What a hub refuses for good is refused, and so is what cannot even be tried
 * since a control file is missing or wrong.
 *
 * With a spool, a message that a hub may have goes to no other hub at once: it waits in the spool for that one's answer.
 */
import { formatPackage, type Package } from '../../qmqp/index.ts';
import { answerOfQueueExit, type Envelope, queueExit } from '../mail/index.ts';
import { openQmqpRoute, type QmqpRoute, type Queue, type QueueOutcome, type Spill } from '../submit/index.ts';
import { errorText, printable, type System } from '../system/index.ts';
import { keepPackage } from './keep.ts';
import { readSpoolSettings, type SpoolSettings } from './spool-settings.ts';

/** A way to the hubs and the spool, or why there is none: known before a message is read. */
export type SatelliteRoute =
  | { readonly ok: true; submit(message: Spill, envelope: Envelope): Promise<QueueOutcome> }
  | { readonly ok: false; readonly outcome: QueueOutcome };

/** What hubs and the network may do again another time. */
const temporaryExits: ReadonlySet<number> = new Set([
  queueExit.network,
  queueExit.serverTemporary,
  queueExit.connectTimeout,
  queueExit.connectRefused,
  queueExit.communication,
]);

function failed(exitCode: number, details: string): QueueOutcome {
  const { verdict, text } = answerOfQueueExit(exitCode);
  return { exitCode, answer: { verdict, text: `${text}: ${details}` } };
}

async function submitOrKeep(
  system: System,
  route: QmqpRoute & { readonly ok: true },
  settings: SpoolSettings,
  pack: Package,
): Promise<QueueOutcome> {
  const { outcome, unknownAt } = await route.offer(pack, { alone: settings.patienceMs > 0 });
  if (!temporaryExits.has(outcome.exitCode)) return outcome;
  try {
    const { id } = keepPackage(system, settings, pack, unknownAt);
    return {
      exitCode: queueExit.accepted,
      answer: { verdict: 'K', text: `kept in the spool as ${id}; ${outcome.answer.text}` },
    };
  } catch (error) {
    return failed(queueExit.writeError, `${printable(errorText(error))}; ${outcome.answer.text}`);
  }
}

export function openSatelliteRoute(system: System): SatelliteRoute {
  const route = openQmqpRoute(system);
  if (!route.ok) return route;
  let settings: SpoolSettings | undefined;
  try {
    settings = readSpoolSettings(system);
  } catch (error) {
    return { ok: false, outcome: failed(queueExit.configuration, errorText(error)) };
  }
  if (settings === undefined) return route;
  const found = settings;
  return {
    ok: true,
    submit: (message, envelope) => submitOrKeep(system, route, found, formatPackage(message, envelope)),
  };
}

export const satelliteQueue: Queue = async (system, message, envelope) => {
  const route = openSatelliteRoute(system);
  return route.ok ? await route.submit(message, envelope) : route.outcome;
};
