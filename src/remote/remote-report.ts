/**
 * What qmail-remote prints (qmail-remote(8)), and the rule by which qmail-rspawn makes one answer of it:
 *
 *     output = *( letter text NUL )
 *     letter = "r" / "h" / "s"            the recipient: accepted, refused for ever, refused for now; first
 *            / "K" / "Z" / "D"            the message
 *
 * A recipient that was refused decides; else the message does. The first text is told, and the message's after it when
 * it is no better than the whole.
 */
import { type Answer, type ByteString, isVerdict, type Verdict } from '../system/index.ts';

const recipientVerdicts = new Map<string, Verdict>([
  ['h', 'D'],
  ['s', 'Z'],
]);

const rank: Readonly<Record<Verdict, number>> = { D: 0, Z: 1, K: 2 };

const exitTemporary = 111;

function verdictOf(record: ByteString): Verdict | undefined {
  const letter = record.charAt(0);
  return isVerdict(letter) ? letter : undefined;
}

/** `output`: what came on descriptor 1. `exitCode` is undefined when a signal ended the program. */
export function answerOfRemote(exitCode: number | undefined, output: ByteString): Answer {
  if (exitCode === undefined) return { verdict: 'Z', text: 'qmail-remote crashed.\n' };
  if (exitCode === exitTemporary) return { verdict: 'Z', text: 'Unable to run qmail-remote.\n' };
  if (exitCode !== 0) return { verdict: 'D', text: 'Unable to run qmail-remote.\n' };
  if (output === '') return { verdict: 'Z', text: 'qmail-remote produced no output.\n' };
  const records = output.split('\0').slice(0, -1);
  const message = records.map(verdictOf).find((verdict) => verdict !== undefined);
  const verdict = recipientVerdicts.get(output.charAt(0)) ?? message;
  // The original takes a message of which nothing is said for refused. It may be tried again, and lost it must not be.
  if (verdict === undefined) {
    return { verdict: 'Z', text: 'qmail-remote did not say what became of the message.\n' };
  }
  // The first byte is no text, and ends none.
  const [told = '', next = ''] = output.slice(1).split('\0').slice(0, -1);
  const noBetter = message === undefined || rank[message] <= rank[verdict];
  const more = noBetter && verdictOf(next) !== undefined ? next.slice(1) : '';
  return { verdict, text: `${told}${more}` };
}
