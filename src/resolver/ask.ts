/**
 * Asks the name servers, one after another, for the addresses of one full name: both families in one go, from a port
 * of its own each time, with numbers that nobody can guess. What does not fit into a datagram is asked for over TCP
 * (RFC 7766).
 */
import {
  type ByteString,
  concatBytes,
  errorCode,
  errorText,
  type Network,
  type Stream,
} from '../system/index.ts';
import { type Answered, readAnswer } from './answer.ts';
import type { ResolverConfiguration } from './configuration.ts';
import { formatQuery, idMax, type Question, recordType } from './question.ts';

export interface ResolverWorld {
  readonly network: Pick<Network, 'connect' | 'connectDatagram'>;
  random(sizeBytes: number): Uint8Array;
  /** Milliseconds of a clock that only goes forward. */
  monotonic(): number;
}

/** What is known of a full name. */
export type Found =
  | { readonly kind: 'addresses'; readonly addresses: readonly ByteString[] }
  | { readonly kind: 'absent'; readonly certain: boolean }
  | { readonly kind: 'failed'; readonly text: string };

const domainPort = 53;

/** Datagrams to one query that are no answer to it: more of them are somebody's attempt to guess its number. */
const foreignMax = 64;

/** An answer over TCP may be longer (RFC 1035 4.2.2), but not one that holds addresses alone. */
const streamBytesMax = 16_384;

const silence = 'no answer';

type Settled = Exclude<Answered, { readonly kind: 'foreign' | 'truncated' }>;

function questionsFor(world: ResolverWorld, name: ByteString): readonly [Question, Question] {
  const [a = 0, b = 0, c = 0, d = 0] = world.random(4);
  const id = (a << 8) | b;
  const other = (c << 8) | d;
  // Two numbers, so that the answers can be told apart.
  const otherId = other === id ? (other + 1) & idMax : other;
  return [
    { id, name, type: recordType.a },
    { id: otherId, name, type: recordType.aaaa },
  ];
}

/** Reads so many bytes; `kept` holds what has come already, and then what has come beyond. */
async function readExactly(
  stream: Stream,
  sizeBytes: number,
  kept: Uint8Array,
  leftMs: () => number,
): Promise<readonly [Uint8Array, Uint8Array]> {
  let bytes = kept;
  while (bytes.length < sizeBytes) {
    const more = await stream.read(leftMs());
    if (more === undefined) throw new Error('the server closed the connection');
    bytes = concatBytes([bytes, more]);
  }
  return [bytes.subarray(0, sizeBytes), bytes.subarray(sizeBytes)];
}

/** One question over TCP, RFC 1035 4.2.2: each message follows its length in two octets. */
async function askByStream(
  world: ResolverWorld,
  server: ByteString,
  port: number,
  question: Question,
  query: Uint8Array,
  leftMs: () => number,
): Promise<Settled> {
  const stream = await world.network.connect(server, port, leftMs());
  try {
    await stream.write(concatBytes([Uint8Array.of(query.length >> 8, query.length & 0xff), query]), leftMs());
    const [length, rest] = await readExactly(stream, 2, new Uint8Array(0), leftMs);
    const sizeBytes = ((length[0] ?? 0) << 8) | (length[1] ?? 0);
    if (sizeBytes > streamBytesMax) return { kind: 'failed', text: 'the answer is too long' };
    const [message] = await readExactly(stream, sizeBytes, rest, leftMs);
    const answered = readAnswer(message, question);
    if (answered.kind === 'foreign' || answered.kind === 'truncated')
      return { kind: 'failed', text: 'the answer is malformed' };
    return answered;
  } finally {
    stream.close();
  }
}

/** Both questions to one server. A question that stays without an answer is a failure. */
async function askServer(
  world: ResolverWorld,
  server: ByteString,
  port: number,
  name: ByteString,
  timeoutMs: number,
): Promise<readonly Settled[]> {
  const questions = questionsFor(world, name);
  const queries = questions.map(formatQuery);
  const settled: (Settled | undefined)[] = questions.map(() => undefined);
  const endMs = world.monotonic() + timeoutMs;
  const leftMs = () => Math.max(1, Math.ceil(endMs - world.monotonic()));
  let failure = silence;
  try {
    const socket = await world.network.connectDatagram(server, port);
    try {
      for (const query of queries) if (query !== undefined) await socket.send(query);
      let foreign = 0;
      while (settled.includes(undefined) && foreign <= foreignMax && world.monotonic() < endMs) {
        const message = await socket.receive(leftMs());
        foreign += 1;
        for (const [index, question] of questions.entries()) {
          const query = queries[index];
          if (settled[index] !== undefined || query === undefined) continue;
          const answered = readAnswer(message, question);
          if (answered.kind === 'foreign') continue;
          settled[index] =
            answered.kind === 'truncated'
              ? await askByStream(world, server, port, question, query, leftMs)
              : answered;
        }
      }
    } finally {
      socket.close();
    }
  } catch (error) {
    if (errorCode(error) !== 'ETIMEDOUT') failure = errorText(error);
  }
  return settled.map((answered) => answered ?? { kind: 'failed', text: failure });
}

/** One from both families. An address of one is worth more than what is not known of the other. */
function together(answers: readonly Settled[]): Found {
  const addresses = answers.flatMap((answered) => (answered.kind === 'addresses' ? answered.addresses : []));
  if (addresses.length > 0) return { kind: 'addresses', addresses };
  const failed = answers.find((answered) => answered.kind === 'failed');
  if (failed !== undefined) return failed;
  return {
    kind: 'absent',
    certain: answers.every((answered) => answered.kind === 'absent' && answered.certain),
  };
}

/**
 * `name` is full. The servers are asked in turn until one of them knows; all of them again for as many attempts as
 * there are. `endMs` is when all of it has to be over.
 */
export async function ask(
  world: ResolverWorld,
  { servers, attempts, timeoutMs }: ResolverConfiguration,
  name: ByteString,
  endMs: number,
  port: number = domainPort,
): Promise<Found> {
  let last: Found = { kind: 'failed', text: 'no server was asked' };
  if (formatQuery({ id: 0, name, type: recordType.a }) === undefined)
    return { kind: 'absent', certain: true };
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    for (const server of servers) {
      const leftMs = endMs - world.monotonic();
      if (leftMs <= 0) return last;
      const found = together(await askServer(world, server, port, name, Math.min(timeoutMs, leftMs)));
      if (found.kind !== 'failed') return found;
      last = { kind: 'failed', text: `${server}: ${found.text}` };
    }
  }
  return last;
}
