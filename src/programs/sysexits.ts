/**
 * The exit codes that callers of sendmail know (sysexits.h), and what a queue's outcome is in them. The codes of
 * qmail-queue stay between programs; this table is the only place that translates them.
 */
import { queueExit } from '../mail/index.ts';
import type { QueueOutcome } from '../submit/index.ts';
import type { ByteString } from '../system/index.ts';

export const sysexits = {
  ok: 0,
  usage: 64,
  data: 65,
  noUser: 67,
  noHost: 68,
  unavailable: 69,
  software: 70,
  system: 71,
  inputOutput: 74,
  tryLater: 75,
  permission: 77,
  configuration: 78,
} as const;

/** What a permanent refusal means, by its enhanced status code (RFC 3463): the first that fits. */
const refusals: readonly (readonly [code: string, exitCode: number])[] = [
  ['(#5.1.2)', sysexits.noHost],
  ['(#5.1.3)', sysexits.data],
  ['(#5.1.7)', sysexits.data],
  ['(#5.1.8)', sysexits.data],
  ['(#5.1.', sysexits.noUser],
  ['(#5.5.3)', sysexits.data],
  ['(#5.6.', sysexits.data],
  ['(#5.7.', sysexits.permission],
];

function exitOfRefusal(text: ByteString): number {
  return refusals.find(([code]) => text.includes(code))?.[1] ?? sysexits.unavailable;
}

/** A program that cannot be run and a configuration that cannot be read are for the administrator to mend. */
function exitOfDelay(exitCode: number): number {
  if (exitCode === queueExit.configuration) return sysexits.configuration;
  if (exitCode === queueExit.cannotRun) return sysexits.system;
  return sysexits.tryLater;
}

export function exitOfOutcome({ answer, exitCode }: QueueOutcome): number {
  switch (answer.verdict) {
    case 'K':
      return sysexits.ok;
    case 'D':
      return exitOfRefusal(answer.text);
    case 'Z':
      return exitOfDelay(exitCode);
  }
}
