/** A spool as a list, in the form of qmail-qread(8) where that has one. */
import { formatDate } from '../mail/index.ts';
import type { SpooledMessage } from '../satellite/later.ts';
import { printable } from '../system/index.ts';

const addressLengthMax = 1000;

function stateOf({ entry, isFailed }: SpooledMessage): string {
  if (isFailed) return ' failed';
  const sending = entry.claim === undefined ? '' : ' sending';
  return entry.unknownAt.length === 0 ? sending : `${sending} perhaps at ${entry.unknownAt.join(', ')}`;
}

export function* spoolListing(messages: Iterable<SpooledMessage>): Iterable<string> {
  for (const message of messages) {
    const { entry, envelope, problem } = message;
    const date = formatDate(entry.arrivedMs).replace(' -0000', ' GMT');
    const sender = envelope === undefined ? '' : `<${printable(envelope.sender, addressLengthMax)}>`;
    yield `${date}  #${entry.id}  ${entry.sizeBytes}  ${sender}${stateOf(message)}\n`;
    if (problem !== undefined) yield `\tcannot be read: ${printable(problem)}\n`;
    for (const recipient of envelope?.recipients ?? []) {
      yield `\t${printable(recipient, addressLengthMax)}\n`;
    }
  }
}
