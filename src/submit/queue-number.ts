/** The number under which a queue has taken a message, as the log of the hub names it too. */
import type { ByteString } from '../system/index.ts';

/** What is shown where the queue does not tell: a program in its place cannot. */
const numberUnknown = '0';

const digitsMax = 20;

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9' && character !== '';
}

/** From the text of an answer: `ok 1794214478 qp 7` is 7. The last one counts. */
export function queueNumber(text: ByteString): ByteString {
  const at = ` ${text}`.lastIndexOf(' qp ');
  if (at < 0) return numberUnknown;
  const start = at + 3;
  let end = start;
  while (end < text.length && end - start < digitsMax && isDigit(text.charAt(end))) end += 1;
  return text.slice(start, end) || numberUnknown;
}
