/** Words of reports that several parts of an SMTP conversation use. */
import type { ByteString, Verdict } from '../../system/index.ts';
import type { Reply } from './reply-reader.ts';

export function remoteSaid({ text }: Reply): ByteString {
  return `Remote host said: ${text}\n`;
}

/** `accepted`: the hundred of the codes that say yes. What is neither yes nor a refusal may be another tomorrow. */
export function verdictOf({ code }: Reply, accepted: 2 | 3): Verdict {
  const hundred = Math.floor(code / 100);
  if (hundred === accepted) return 'K';
  return hundred === 5 ? 'D' : 'Z';
}
