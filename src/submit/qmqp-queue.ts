/**
 * The queue of a machine that has none: each message goes, whole, to a hub over QMQP. What happened at the last hub
 * becomes the exit code, by the table of qmail-queue; what every hub answered is in the text.
 */
import { attemptText, type ExchangeOutcome, formatPackage, submitPackage } from '../../qmqp/index.ts';
import { homeDirectory } from '../control/index.ts';
import { answerOfQueueExit, type Envelope, queueExit } from '../mail/index.ts';
import { byteStringOf, bytesOf, errorText, printable, type System } from '../system/index.ts';
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

async function submit(
  system: System,
  configuration: QmqpConfiguration,
  message: Spill,
  envelope: Envelope,
): Promise<QueueOutcome> {
  report(system, configuration);
  const { hubs, limits } = configuration;
  try {
    const { outcome, attempts } = await submitPackage(system, hubs, formatPackage(message, envelope), limits);
    if (outcome === undefined) {
      return failed(queueExit.configuration, 'control/qmqpservers names no hub');
    }
    const exitCode = exitCodeOf(outcome);
    if (outcome.kind === 'answered' && exitCode === queueExit.accepted) {
      return { exitCode, answer: outcome.answer };
    }
    return failed(
      exitCode,
      attempts.map((attempt) => printable(attemptText(attempt), attemptTextMax)).join('; '),
    );
  } catch (error) {
    return failed(queueExit.readError, errorText(error));
  }
}

/** A way to the hubs, or the reason why there is none: known before a message is read. */
export type QmqpRoute =
  | { readonly ok: true; submit(message: Spill, envelope: Envelope): Promise<QueueOutcome> }
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
  return { ok: true, submit: (message, envelope) => submit(system, found, message, envelope) };
}

export const qmqpQueue: Queue = async (system, message, envelope) => {
  const route = openQmqpRoute(system);
  return route.ok ? await route.submit(message, envelope) : route.outcome;
};
