/**
 * What became of a message or of one recipient, in the letters that QMQP, QMTP and qmail's spawn protocol share:
 * K taken (done, or responsibility accepted), Z not now (try later), D never. Exit codes and SMTP replies are
 * spellings of these three. The type lives here because the rooms at the bottom of the house all speak it.
 */
export type Verdict = 'K' | 'Z' | 'D';

export const verdicts: readonly Verdict[] = ['K', 'Z', 'D'];

/** A verdict with its reason, for people. The text is a byte string without the letter. */
export interface Answer {
  readonly verdict: Verdict;
  readonly text: string;
}

export function isVerdict(letter: string): letter is Verdict {
  return letter === 'K' || letter === 'Z' || letter === 'D';
}
