/**
 * A program in the place of qmail-queue: the message on its descriptor 0, the envelope on 1, a text of its own on 6.
 * Both inputs are files without names, so no pipe can fill up, and a program that is never started has seen nothing.
 */
import { answerOfQueueExit, formatEnvelope, queueExit } from '../mail/index.ts';
import {
  type ByteString,
  type Descriptor,
  type DescriptorMap,
  errorText,
  type ProgramExit,
  type ProgramRun,
  type System,
  textOf,
} from '../system/index.ts';
import type { Queue, QueueOutcome } from './queue.ts';

/** How much of what the program writes on descriptor 6 is read. */
const customBytesMax = 1024;

const customDescriptor = 6;

function fileOf(system: System, bytes: Uint8Array): Descriptor {
  const descriptor = system.files.openTemporary();
  system.files.writeAt(descriptor, bytes, 0);
  return descriptor;
}

/** Runs a program to its end: System.run, or a way that does not hold up the process meanwhile. */
export type RunProgram = (run: ProgramRun) => ProgramExit | Promise<ProgramExit>;

function failure(exitCode: number, reason: string): QueueOutcome {
  const { verdict, text } = answerOfQueueExit(exitCode);
  return { exitCode, answer: { verdict, text: `${text}: ${reason}` } };
}

/** `program` is a path; arguments cannot be given, as in qmail. `run` is the system's own unless given. */
export function queueProgram(program: ByteString, run?: RunProgram): Queue {
  return async (system, message, envelope): Promise<QueueOutcome> => {
    const opened: Descriptor[] = [];
    try {
      let custom: Descriptor;
      let descriptors: DescriptorMap;
      try {
        const envelopeFile = fileOf(system, formatEnvelope(envelope));
        opened.push(envelopeFile);
        custom = system.files.openTemporary();
        opened.push(custom);
        descriptors = { 0: message.descriptor(), 1: envelopeFile, 2: 2, [customDescriptor]: custom };
      } catch (error) {
        return failure(queueExit.writeError, errorText(error));
      }
      const exitCode = await (run ?? system.run)({ program, args: [], descriptors });
      const buffer = new Uint8Array(customBytesMax);
      const text = textOf(buffer, 0, system.files.readAt(custom, buffer, 0));
      return { exitCode: exitCode ?? queueExit.internal, answer: answerOfQueueExit(exitCode, text) };
    } catch (error) {
      return failure(queueExit.cannotRun, errorText(error));
    } finally {
      for (const descriptor of opened) system.files.close(descriptor);
    }
  };
}
