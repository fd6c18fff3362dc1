/** What fastforward and dot-forward do with a message: programs, one after the other, and one message to the queue. */
import { createSpill, type Queue, type Spill } from '../submit/index.ts';
import {
  type Answer,
  type ByteString,
  bytesOf,
  errorText,
  type ProgramExit,
  printable,
  type System,
} from '../system/index.ts';
import { type MessageSource, messageSource } from './message-source.ts';
import { AliasProblem } from './problem.ts';
import { runCommand } from './run-command.ts';

/** A program's exit codes that mean never (qmail-command(8)). All others but 0 mean later. */
const exitsNever = new Set([64, 65, 70, 76, 77, 78, 100, 112]);

/** Bytes of the queue's text that are passed on. */
const queueTextMax = 1000;

export interface AliasProgram {
  /** For the shell. */
  readonly command: ByteString;
  /** Put in front of the message. */
  readonly head: ByteString;
}

export interface Work {
  readonly programs: readonly AliasProgram[];
  readonly sender: ByteString;
  readonly recipients: readonly ByteString[];
  /** The Delivered-To line, in front of the message that is forwarded. */
  readonly head: ByteString;
}

/** A copy of the message of one's own: nobody else reads from it, and it stands at its first byte. */
function copyOf(system: System, head: ByteString, source: MessageSource): Spill {
  const copy = createSpill(system);
  try {
    copy.write(bytesOf(head));
    for (const chunk of source.chunks()) copy.write(chunk);
    return copy;
  } catch (error) {
    copy.close();
    throw error;
  }
}

/** Its descriptors 1 and 2 are ours: what it says is part of the delivery's report, and whoever runs us bounds it. */
function run(system: System, { command, head }: AliasProgram, source: MessageSource): ProgramExit {
  const input = copyOf(system, head, source);
  try {
    return runCommand(system, command, input.descriptor());
  } finally {
    input.close();
  }
}

function judge(exit: ProgramExit, { command }: AliasProgram): void {
  if (exit === 0) return;
  if (exit === undefined) throw new AliasProblem('Z', `a program has crashed: ${printable(command)}`);
  // The program has said what there is to say.
  throw new AliasProblem(exitsNever.has(exit) ? 'D' : 'Z', '');
}

async function forward(
  system: System,
  queue: Queue,
  { head, sender, recipients }: Work,
  source: MessageSource,
): Promise<Answer> {
  const message = copyOf(system, head, source);
  try {
    return (await queue(system, message, { sender, recipients })).answer;
  } finally {
    message.close();
  }
}

/**
 * Runs the programs, then forwards, unless there is no recipient. Answers what the queue said, undefined when it was
 * not asked. A program that fails ends it: nothing is forwarded, and later programs do not run.
 */
export async function carryOut(system: System, queue: Queue, work: Work): Promise<ByteString | undefined> {
  const source = messageSource(system);
  try {
    for (const program of work.programs) judge(run(system, program, source), program);
    if (work.recipients.length === 0) return undefined;
    const { verdict, text } = await forward(system, queue, work, source);
    const said = printable(text, queueTextMax);
    if (verdict !== 'K') throw new AliasProblem(verdict, `unable to forward message: ${said}`);
    return said;
  } catch (error) {
    if (error instanceof AliasProblem) throw error;
    throw new AliasProblem('Z', errorText(error));
  } finally {
    source.close();
  }
}
