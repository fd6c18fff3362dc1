/** The two ways in which a program speaks to people. */
import { byteStringOf, bytesOf, type System } from '../system/index.ts';

/** Writes text to descriptor 1. */
export function print(system: System, text: string): void {
  system.files.write(1, bytesOf(byteStringOf(text)));
}

/** Writes `program: text` to descriptor 2, in one piece. */
export function complain(system: System, program: string, text: string): void {
  try {
    system.files.write(2, bytesOf(byteStringOf(`${program}: ${text}\n`)));
  } catch {
    // Nobody listens to complaints any more. What there is to say is in the exit code, and that must not change.
  }
}
