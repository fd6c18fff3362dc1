/**
 * What qmail-queue and its replacements read: the message on descriptor 0 to its end, and only then the envelope on
 * descriptor 1. What is wrong is an exit code by the table of qmail-queue.
 */
import { createEnvelopeParser, type Envelope, type EnvelopeLimits, queueExit } from '../mail/index.ts';
import { type Descriptor, errorText, type System } from '../system/index.ts';
import { createSpill, type Spill } from './spill.ts';

export interface SubmissionLimits extends EnvelopeLimits {
  readonly messageBytesMax: number;
  /** Bytes of the whole envelope. */
  readonly envelopeBytesMax: number;
}

export interface SubmissionProblem {
  readonly ok: false;
  readonly exitCode: number;
  readonly problem: string;
}

/** The caller closes the message. */
export type ReadSubmission =
  | { readonly ok: true; readonly message: Spill; readonly envelope: Envelope }
  | SubmissionProblem;

const messageDescriptor = 0;
const envelopeDescriptor = 1;

const readBytes = 65536;

function wrong(exitCode: number, problem: string): SubmissionProblem {
  return { ok: false, exitCode, problem };
}

/** Hands on a descriptor's bytes to its end, or until `take` answers what is wrong with them or that it has enough. */
function readAll(
  system: System,
  descriptor: Descriptor,
  what: string,
  take: (bytes: Uint8Array) => SubmissionProblem | 'more' | 'enough',
): SubmissionProblem | undefined {
  const buffer = new Uint8Array(readBytes);
  for (;;) {
    let count: number;
    try {
      count = system.files.read(descriptor, buffer);
    } catch (error) {
      return wrong(queueExit.readError, `unable to read the ${what}: ${errorText(error)}`);
    }
    if (count === 0) return undefined;
    const taken = take(buffer.subarray(0, count));
    if (taken === 'enough') return undefined;
    if (taken !== 'more') return taken;
  }
}

function readMessage(system: System, message: Spill, sizeBytesMax: number): SubmissionProblem | undefined {
  return readAll(system, messageDescriptor, 'message', (bytes) => {
    if (message.sizeBytes + bytes.length > sizeBytesMax) {
      return wrong(queueExit.rejected, `the message has more than ${sizeBytesMax} bytes`);
    }
    try {
      message.write(bytes);
    } catch (error) {
      return wrong(queueExit.writeError, `unable to keep the message: ${errorText(error)}`);
    }
    return 'more';
  });
}

function readEnvelope(
  system: System,
  limits: SubmissionLimits,
  truncatedExit: number,
): Envelope | SubmissionProblem {
  const parser = createEnvelopeParser(limits);
  let envelope: Envelope | undefined;
  let sizeBytes = 0;
  const problem = readAll(system, envelopeDescriptor, 'envelope', (bytes) => {
    sizeBytes += bytes.length;
    const state = parser.feed(bytes);
    switch (state.state) {
      case 'more':
        if (sizeBytes <= limits.envelopeBytesMax) return 'more';
        return wrong(queueExit.rejected, `the envelope has more than ${limits.envelopeBytesMax} bytes`);
      case 'complete':
        envelope = state.envelope;
        return 'enough';
      case 'malformed':
        return wrong(queueExit.envelopeFormat, 'the envelope is malformed');
      case 'address-too-long':
        return wrong(queueExit.addressTooLong, `an address has more than ${limits.addressBytesMax} bytes`);
      case 'too-many-recipients':
        return wrong(queueExit.rejected, `there are more than ${limits.recipientsMax} recipients`);
    }
  });
  return problem ?? envelope ?? wrong(truncatedExit, 'the envelope ends before its final NUL');
}

/**
 * `truncatedExit` is the code for an envelope without its final NUL, where qmail-queue and qmail-qmqpc differ.
 */
export function readSubmission(
  system: System,
  limits: SubmissionLimits,
  truncatedExit: number,
): ReadSubmission {
  const message = createSpill(system);
  const problem = readMessage(system, message, limits.messageBytesMax);
  const envelope = problem ?? readEnvelope(system, limits, truncatedExit);
  if ('sender' in envelope) return { ok: true, message, envelope };
  message.close();
  return envelope;
}
