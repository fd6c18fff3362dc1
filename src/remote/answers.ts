/** What became of a message with several recipients, as an answer for each of them and as what qmail-remote prints. */
import type { Answer, ByteString, Verdict } from '../system/index.ts';
import type { Delivered } from './transport.ts';

const rank: Readonly<Record<Verdict, number>> = { D: 0, Z: 1, K: 2 };

/** Whether what is said of the message belongs to a refusal: it is no better than that. */
export function isNoBetter(message: Verdict, refusal: Verdict): boolean {
  return rank[message] <= rank[refusal];
}

/** For each recipient, in order. */
export function answersOf({ recipients, message }: Delivered, count: number): readonly Answer[] {
  return Array.from({ length: count }, (_, index) => {
    const own = recipients[index];
    if (own === undefined || own.verdict === 'K') return message;
    const more = isNoBetter(message.verdict, own.verdict) ? message.text : '';
    return { verdict: own.verdict, text: `${own.text}${more}` };
  });
}

const letters: Readonly<Record<Verdict, string>> = { K: 'r', Z: 's', D: 'h' };

/** qmail-remote(8): a record for each recipient, and one for the message, each with NUL at its end. */
export function remoteReport({ recipients, message }: Delivered): ByteString {
  const records = [
    ...recipients.map(({ verdict, text }) => `${letters[verdict]}${text}`),
    `${message.verdict}${message.text}`,
  ];
  return records.map((record) => `${record.replaceAll('\0', '?')}\0`).join('');
}

/** What nobody was told of a recipient. */
export function allAnswered(message: Answer): Delivered {
  return { recipients: [], message, undecided: false };
}
