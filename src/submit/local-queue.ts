/**
 * A queue of this host that another process keeps, at DIRECTORY/intake: QMQP on a Unix socket. Who calls is proven by a file
 * that the caller makes in DIRECTORY/proof under the name that the server gives (proof.ts).
 *
 *     server: netstring(nonce)     caller: makes proof/nonce, sends the package     server: netstring(reply)
 */
import { converse, createNetstringParser, type ExchangeOutcome, formatPackage } from '../../qmqp/index.ts';
import { answerOfQueueExit, type Envelope, queueExit } from '../mail/index.ts';
import {
  type Answer,
  type ByteString,
  errorText,
  type Stream,
  type System,
  SystemError,
  textOf,
} from '../system/index.ts';
import { proofMode } from './proof.ts';
import type { QueueOutcome } from './queue.ts';
import type { Spill } from './spill.ts';

/** How long connecting and each step of the conversation may take. The disk may be busy. */
const connectMs = 10_000;
const stepMs = 300_000;

const greetingBytesMax = 1000;

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

/**
 * `absent` is asked when nobody listens there: is qmail-send running? `replyMs` is how long the server may take over a
 * message that it has read.
 */
export async function submitLocally(
  system: System,
  directory: ByteString,
  absent: string,
  message: Spill,
  envelope: Envelope,
  replyMs = stepMs,
): Promise<QueueOutcome> {
  let stream: Stream;
  try {
    stream = await system.network.connectLocal(`${directory}/intake`, connectMs);
  } catch (error) {
    const details = `${absent} ${errorText(error)}`;
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
    const pack = formatPackage(message, envelope);
    return result(
      await converse(
        stream,
        pack,
        () => stepMs,
        () => replyMs,
      ),
    );
  } catch (error) {
    return outcomeOf(queueExit.communication, `${directory}/intake: ${errorText(error)}`);
  } finally {
    stream.close();
    if (proof !== undefined) removeProof(system, proof);
  }
}
