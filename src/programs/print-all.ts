/** Prints a list that may be long: piece by piece, and no further than somebody reads, as when `head` has had enough. */
import { errorCode, type System } from '../system/index.ts';
import { print } from './print.ts';

/** How much of the list is gathered before it is printed. */
const outputLengthMax = 65_536;

/** False when the reader has gone away. */
function printed(system: System, text: string): boolean {
  try {
    print(system, text);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EPIPE') return false;
    throw error;
  }
}

export function printAll(system: System, texts: Iterable<string>): void {
  let output = '';
  for (const text of texts) {
    output += text;
    if (output.length < outputLengthMax) continue;
    if (!printed(system, output)) return;
    output = '';
  }
  if (output !== '') printed(system, output);
}
