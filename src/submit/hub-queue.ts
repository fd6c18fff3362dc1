/**
 * The queue of a hub, seen from another program of the same host: the intake socket of qmail-send. Who calls is
 * proven by a file that the caller makes under the name that the server gives (serve/intake-listener.ts).
 */
import { converse, createNetstringParser, type ExchangeOutcome, formatPackage } from '../../qmqp/index.ts';
import { homeDirectory } from '../control/index.ts';
import { answerOfQueueExit, queueExit } from '../mail/index.ts';
import {
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

const nonceBytesMax = 64;

const proofMode = 0o400;

function outcomeOf(exitCode: number, details: string): QueueOutcome {
  const { verdict, text } = answerOfQueueExit(exitCode);
  return { exitCode, answer: { verdict, text: `${text}: ${details}` } };
}

/** The name of the proof: the server's first netstring. It becomes a file name, so it may hold letters and digits only. */
async function readNonce(stream: Stream): Promise<ByteString> {
  const parser = createNetstringParser(nonceBytesMax);
  for (;;) {
    const bytes = await stream.read(stepMs);
    if (bytes === undefined) throw new SystemError('EPIPE', 'the intake has closed the connection');
    const state = parser.feed(bytes);
    if (state.state === 'more') continue;
    const nonce = state.state === 'complete' ? textOf(state.body) : '';
    for (const character of nonce) if (!'0123456789abcdef'.includes(character)) return refuseNonce();
    return nonce === '' ? refuseNonce() : nonce;
  }
}

function refuseNonce(): never {
  throw new SystemError('EPROTO', 'the intake does not speak as it should');
}

function result(outcome: ExchangeOutcome): QueueOutcome {
  if (outcome.kind !== 'answered') return outcomeOf(queueExit.communication, outcome.text);
  const { answer } = outcome;
  switch (answer.verdict) {
    case 'K':
      return { exitCode: queueExit.accepted, answer };
    case 'Z':
      return { exitCode: queueExit.writeError, answer };
    case 'D':
      return { exitCode: queueExit.rejected, answer };
  }
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
    proof = `${directory}/proof/${await readNonce(stream)}`;
    system.files.close(system.files.open(proof, 'create', proofMode));
    return result(await converse(stream, formatPackage(message, envelope), () => stepMs));
  } catch (error) {
    return outcomeOf(queueExit.communication, `${directory}/intake: ${errorText(error)}`);
  } finally {
    stream.close();
    if (proof !== undefined) removeProof(system, proof);
  }
};
