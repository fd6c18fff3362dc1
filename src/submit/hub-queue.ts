/**
 * The queue of a hub, seen from another program of the same host: the intake socket of qmail-send. Who calls is
 * proven by a file that the caller makes under the name that the server gives (serve/intake-listener.ts).
 */
import { converse, createNetstringParser, type ExchangeOutcome, formatPackage } from '../../qmqp/index.ts';
import { homeDirectory } from '../control/index.ts';
import { answerOfQueueExit, queueExit } from '../mail/index.ts';
import {
  type Answer,
  type ByteString,
  errorText,
  type Stream,
  type System,
  SystemError,
  textOf,
} from '../system/index.ts';
import type { Queue, QueueOutcome } from './queue.ts';

/** How long connecting and each step of the conversation may take. The disk may be busy. */
const connectMs = 10_000;
const stepMs = 300_000;

const greetingBytesMax = 1000;

const proofMode = 0o400;

function outcomeOf(exitCode: number, details: string): QueueOutcome {
  const { verdict, text } = answerOfQueueExit(exitCode);
  return { exitCode, answer: { verdict, text: `${text}: ${details}` } };
}

/** The server's first netstring: the name of the proof, or a refusal if the server is busy or about to end. */
async function readGreeting(stream: Stream): Promise<ByteString> {
  const parser = createNetstringParser(greetingBytesMax);
  for (;;) {
    const bytes = await stream.read(stepMs);
    if (bytes === undefined) throw new SystemError('EPIPE', 'the intake has closed the connection');
    const state = parser.feed(bytes);
    if (state.state !== 'more') return state.state === 'complete' ? textOf(state.body) : '';
  }
}

/** It becomes a file name: with any other character it could lead elsewhere. */
function isNonce(greeting: ByteString): boolean {
  for (const character of greeting) if (!'0123456789abcdef'.includes(character)) return false;
  return greeting !== '';
}

function answered(answer: Answer): QueueOutcome {
  switch (answer.verdict) {
    case 'K':
      return { exitCode: queueExit.accepted, answer };
    case 'Z':
      return { exitCode: queueExit.writeError, answer };
    case 'D':
      return { exitCode: queueExit.rejected, answer };
  }
}

function result(outcome: ExchangeOutcome): QueueOutcome {
  return outcome.kind === 'answered'
    ? answered(outcome.answer)
    : outcomeOf(queueExit.communication, outcome.text);
}

/** Removes a proof that the server did not take: it never got so far. */
function removeProof(system: System, path: ByteString): void {
  try {
    system.files.unlink(path);
  } catch {
    // The server has taken it, as it should.
  }
}

export const hubQueue: Queue = async (system, message, envelope) => {
  const directory = `${homeDirectory(system)}/queue`;
  let stream: Stream;
  try {
    stream = await system.network.connectLocal(`${directory}/intake`, connectMs);
  } catch (error) {
    const details = `is qmail-send running? ${errorText(error)}`;
    return outcomeOf(queueExit.queueDirectory, details);
  }
  let proof: ByteString | undefined;
  try {
    const greeting = await readGreeting(stream);
    if (greeting.startsWith('Z')) return answered({ verdict: 'Z', text: greeting.slice(1) });
    if (!isNonce(greeting)) throw new SystemError('EPROTO', 'it does not speak as it should');
    const path = `${directory}/proof/${greeting}`;
    system.files.close(system.files.open(path, 'create', proofMode));
    proof = path;
    return result(await converse(stream, formatPackage(message, envelope), () => stepMs));
  } catch (error) {
    return outcomeOf(queueExit.communication, `${directory}/intake: ${errorText(error)}`);
  } finally {
    stream.close();
    if (proof !== undefined) removeProof(system, proof);
  }
};
