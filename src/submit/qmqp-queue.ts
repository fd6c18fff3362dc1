/**
 * The queue of a machine that has none: each message goes, whole, to a hub over QMQP. What happened at the last hub
 * becomes the exit code, by the table of qmail-queue; what every hub answered is in the text.
 */
import {
  type Attempt,
  attemptText,
  type ExchangeOutcome,
  type ExchangeWorld,
  formatPackage,
  type Package,
  type SubmitRules,
  submitPackage,
} from '../../qmqp/index.ts';
import { homeDirectory } from '../control/index.ts';
import { answerOfQueueExit, type Envelope, queueExit } from '../mail/index.ts';
import { byteStringOf, bytesOf, errorText, printable, type System } from '../system/index.ts';
import { exchangeWorld } from './exchange-world.ts';
import { type QmqpConfiguration, readQmqpConfiguration } from './qmqp-configuration.ts';
import type { Queue, QueueOutcome } from './queue.ts';
import type { Spill } from './spill.ts';

/** Characters of one hub's answer that are passed on. */
const attemptTextMax = 400;

function failed(exitCode: number, details: string): QueueOutcome {
  const { verdict, text } = answerOfQueueExit(exitCode);
  return { exitCode, answer: { verdict, text: `${text}: ${details}` } };
}

function exitCodeOf(outcome: ExchangeOutcome): number {
  switch (outcome.kind) {
    case 'answered':
      if (outcome.answer.verdict === 'K') return queueExit.accepted;
      return outcome.answer.verdict === 'D' ? queueExit.rejected : queueExit.serverTemporary;
    case 'connect-timeout':
      return queueExit.connectTimeout;
    case 'connect-failed':
      return queueExit.connectRefused;
    case 'no-socket':
      return queueExit.network;
    case 'broken':
      return queueExit.communication;
  }
}

/** A line that names no hub is reported, whatever becomes of the message. */
function report(system: System, configuration: QmqpConfiguration): void {
  for (const line of configuration.rejected) {
    const text = `qmail-qmqpc: warning: control/qmqpservers: ${printable(line, attemptTextMax)} is no address\n`;
    try {
      system.files.write(2, bytesOf(byteStringOf(text)));
    } catch {
      // Nobody listens to warnings here; the message is worth more than they are.
      return;
    }
  }
}

/** What came of one package at all hubs together. */
export interface Offered {
  readonly outcome: QueueOutcome;
  readonly attempts: readonly Attempt[];
  /** Places that may have the package, although none has said so. */
  readonly unknownAt: readonly string[];
}

async function offer(
  world: ExchangeWorld,
  { hubs, limits }: QmqpConfiguration,
  pack: Package,
  rules: SubmitRules,
): Promise<Offered> {
  try {
    const { outcome, attempts, unknownAt } = await submitPackage(world, hubs, pack, limits, rules);
    const exitCode =
      outcome === undefined
        ? hubs.length === 0
          ? queueExit.configuration
          : queueExit.serverTemporary
        : exitCodeOf(outcome);
    if (outcome?.kind === 'answered' && exitCode === queueExit.accepted) {
      return { outcome: { exitCode, answer: outcome.answer }, attempts, unknownAt };
    }
    const texts = attempts.map((attempt) => printable(attemptText(attempt), attemptTextMax));
    const nothing = hubs.length === 0 ? 'control/qmqpservers names no hub' : 'no hub was asked';
    const details = texts.length === 0 ? nothing : texts.join('; ');
    return { outcome: failed(exitCode, details), attempts, unknownAt };
  } catch (error) {
    const outcome = failed(queueExit.readError, errorText(error));
    return { outcome, attempts: [], unknownAt: rules.unknownAt ?? [] };
  }
}

/** A way to the hubs, or the reason why there is none: known before a message is read. */
export type QmqpRoute =
  | {
      readonly ok: true;
      submit(message: Spill, envelope: Envelope): Promise<QueueOutcome>;
      /** What `submit` does with a package that is made already, with more of what came of it. */
      offer(pack: Package, rules: SubmitRules): Promise<Offered>;
    }
  | { readonly ok: false; readonly outcome: QueueOutcome };

export function openQmqpRoute(system: System): QmqpRoute {
  const home = homeDirectory(system);
  try {
    if (system.files.status(home).kind !== 'directory') throw new Error(`${home} is no directory`);
  } catch (error) {
    return { ok: false, outcome: failed(queueExit.home, errorText(error)) };
  }
  let configuration: QmqpConfiguration | undefined;
  try {
    configuration = readQmqpConfiguration(system);
  } catch (error) {
    return { ok: false, outcome: failed(queueExit.configuration, errorText(error)) };
  }
  if (configuration === undefined) {
    return {
      ok: false,
      outcome: failed(queueExit.configuration, `${home}/control/qmqpservers is missing`),
    };
  }
  const found = configuration;
  const world = exchangeWorld(system);
  let reported = false;
  const offerTo = (pack: Package, rules: SubmitRules) => {
    if (!reported) report(system, found);
    reported = true;
    return offer(world, found, pack, rules);
  };
  return {
    ok: true,
    offer: offerTo,
    submit: async (message, envelope) => (await offerTo(formatPackage(message, envelope), {})).outcome,
  };
}

export const qmqpQueue: Queue = async (system, message, envelope) => {
  const route = openQmqpRoute(system);
  return route.ok ? await route.submit(message, envelope) : route.outcome;
};
