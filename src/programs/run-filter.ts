/** What preline and predate do: a program is run on the message with lines in front of it. */
import { createSpill } from '../submit/index.ts';
import { type ByteString, bytesOf, type System } from '../system/index.ts';
import { readMessage } from './read-message.ts';
import { type ChildEnd, runChild } from './run-child.ts';

/**
 * The program finds `head` and then all of descriptor 0 on its own descriptor 0, a file, so it may read as much or as
 * little of it as it wants, and again. Throws when the message cannot be read or held.
 */
export function runFilter(system: System, head: ByteString, command: readonly ByteString[]): ChildEnd {
  const message = createSpill(system);
  try {
    message.write(bytesOf(head));
    for (const piece of readMessage(system, 0)) message.write(piece);
    return runChild(system, command, { 0: message.descriptor(), 1: 1, 2: 2 });
  } finally {
    message.close();
  }
}
