/**
 * The exit codes of qmail-queue and of programs that stand in for it, and what each means to those who call it.
 * This table is the only place that spells them (qmail-queue(8); 82 as in notqmail).
 */
import type { Answer, ByteString } from '../system/index.ts';

export const queueExit = {
  accepted: 0,
  addressTooLong: 11,
  rejected: 31,
  outOfMemory: 51,
  timeout: 52,
  writeError: 53,
  readError: 54,
  configuration: 55,
  network: 56,
  home: 61,
  queueDirectory: 62,
  serverTemporary: 71,
  connectTimeout: 72,
  connectRefused: 73,
  communication: 74,
  internal: 81,
  custom: 82,
  envelopeFormat: 91,
  cannotRun: 120,
} as const;

/** Exit codes from 11 to 40 are permanent, and 115 is an old spelling of 11. */
const permanentMin = 11;
const permanentMax = 40;
const addressTooLongLegacy = 115;

const creatingFiles = 'qq trouble creating files in queue (#4.3.0)';

const texts: Readonly<Record<number, string>> = {
  11: 'envelope address too long for qq (#5.1.3)',
  115: 'envelope address too long for qq (#5.1.3)',
  31: 'mail server permanently rejected message (#5.3.0)',
  51: 'qq out of memory (#4.3.0)',
  52: 'qq timeout (#4.3.0)',
  53: 'qq write error or disk full (#4.3.0)',
  54: 'qq read error (#4.3.0)',
  55: 'qq unable to read configuration (#4.3.0)',
  56: 'qq trouble making network connection (#4.3.0)',
  61: 'qq trouble in home directory (#4.3.0)',
  62: creatingFiles,
  63: creatingFiles,
  64: creatingFiles,
  65: creatingFiles,
  66: creatingFiles,
  71: 'mail server temporarily rejected message (#4.3.0)',
  72: 'connection to mail server timed out (#4.4.1)',
  73: 'connection to mail server rejected (#4.4.1)',
  74: 'communication with mail server failed (#4.4.2)',
  81: 'qq internal bug (#4.3.0)',
  91: 'qq internal bug (#4.3.0)',
  120: 'unable to exec qq (#4.3.0)',
};

/**
 * A text of the queue program's own, read from descriptor 6 when it exits with 82: its first byte is D or Z and
 * more follows. Longer texts are cut.
 */
const customTextBytesMax = 255;

function customAnswer(custom: ByteString): Answer | undefined {
  const letter = custom.charAt(0);
  if (custom.length <= 2 || (letter !== 'D' && letter !== 'Z')) return undefined;
  return { verdict: letter, text: custom.slice(1, customTextBytesMax) };
}

/** What an exit code means. `undefined` stands for a program that a signal ended. */
export function answerOfQueueExit(exitCode: number | undefined, custom: ByteString = ''): Answer {
  if (exitCode === undefined) return { verdict: 'Z', text: 'qq crashed (#4.3.0)' };
  if (exitCode === queueExit.accepted) return { verdict: 'K', text: '' };
  if (exitCode === queueExit.custom) {
    return customAnswer(custom) ?? { verdict: 'Z', text: 'qq temporary problem (#4.3.0)' };
  }
  const permanent =
    (exitCode >= permanentMin && exitCode <= permanentMax) || exitCode === addressTooLongLegacy;
  if (permanent) return { verdict: 'D', text: texts[exitCode] ?? 'qq permanent problem (#5.3.0)' };
  return { verdict: 'Z', text: texts[exitCode] ?? 'qq temporary problem (#4.3.0)' };
}
