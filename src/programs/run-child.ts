/** Runs the program that another one was given on its command line, and tells how it ended. */
import { type ByteString, type DescriptorMap, errorCode, errorText, type System } from '../system/index.ts';

export type ChildEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  /** A signal ended it. */
  | { readonly kind: 'crashed' }
  /** It was not started. `temporary`: another attempt may succeed. */
  | { readonly kind: 'not-run'; readonly temporary: boolean; readonly problem: string };

/** Reasons that pass: the machine is short of something, or the program is just being replaced. */
const temporaryCodes = [
  'EINTR',
  'ENOMEM',
  'EAGAIN',
  'EWOULDBLOCK',
  'ETXTBSY',
  'EBUSY',
  'EIO',
  'EDEADLK',
  'ENFILE',
  'EMFILE',
  'ENOBUFS',
  'ENOSPC',
  'EDQUOT',
  'ETIMEDOUT',
  'ECONNREFUSED',
  'ESTALE',
];

const ownDescriptors: DescriptorMap = { 0: 0, 1: 1, 2: 2 };

/** `command` is a program, looked for in $PATH, and its arguments. */
export function runChild(
  system: System,
  command: readonly ByteString[],
  descriptors: DescriptorMap = ownDescriptors,
): ChildEnd {
  const [program = '', ...args] = command;
  try {
    const exitCode = system.run({ program, args, descriptors });
    return exitCode === undefined ? { kind: 'crashed' } : { kind: 'exited', exitCode };
  } catch (error) {
    return {
      kind: 'not-run',
      temporary: temporaryCodes.includes(errorCode(error)),
      problem: `unable to run ${errorText(error)}`,
    };
  }
}
