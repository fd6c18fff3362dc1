/**
 * What is said on the queue's control socket: the client sends one line of JSON, an order; the hub answers with lines
 * of JSON. First comes `count`: how many the order means. For an order that is not a dry run, `done` follows: how many
 * it changed. `working` says that a long order goes on; `refused` and `failed` end the conversation.
 */
import { type Affected, type Filter, isEverything, type Order, recipientState } from '../queue/index.ts';
import type { ByteString } from '../system/index.ts';

/** Bytes of a request, with its line end. */
export const controlRequestBytesMax = 65_536;

/** Bytes of an answer, with its line end. */
export const controlAnswerBytesMax = 65_536;

export interface ControlRequest {
  readonly order: Order;
  readonly filter: Filter;
  /** A filter that asks nothing is refused unless this is said. */
  readonly all: boolean;
  /** Only count. */
  readonly dryRun: boolean;
  /** What the bounce says of the recipients of a `fail`. */
  readonly report: ByteString;
}

export type ControlAnswer =
  | ({ readonly answer: 'count' | 'done' } & Affected)
  | { readonly answer: 'working' }
  | { readonly answer: 'refused' | 'failed'; readonly text: string };

const orders: readonly Order[] = ['retry', 'hold', 'release', 'fail', 'delete'];

/** What comes from outside is no order before all of it was looked at. */
type Unknown = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isByteString(value: unknown): value is ByteString {
  if (typeof value !== 'string') return false;
  for (let index = 0; index < value.length; index += 1) if (value.charCodeAt(index) > 255) return false;
  return true;
}

function textIn(object: Unknown, name: string): ByteString {
  const value = object[name];
  if (!isByteString(value)) throw new Error(`${name} is no byte string`);
  return value;
}

function listIn(object: Unknown, name: string): readonly ByteString[] {
  const value = object[name];
  if (!Array.isArray(value) || !value.every(isByteString)) {
    throw new Error(`${name} is no list of byte strings`);
  }
  return value;
}

function switchIn(object: Unknown, name: string): boolean {
  const value = object[name];
  if (typeof value !== 'boolean') throw new Error(`${name} is neither true nor false`);
  return value;
}

function oneOf<Value extends string>(value: ByteString, known: readonly Value[], name: string): Value {
  const found = known.find((candidate) => candidate === value);
  if (found === undefined) throw new Error(`${name} is none of ${known.join(', ')}`);
  return found;
}

const states = Object.keys(recipientState) as readonly (keyof typeof recipientState)[];

function parseFilter(value: unknown): Filter {
  if (!isObject(value)) throw new Error('filter is no object');
  const { beforeMs } = value;
  if (beforeMs !== undefined && !Number.isFinite(beforeMs)) throw new Error('beforeMs is no time');
  return {
    messages: listIn(value, 'messages'),
    senders: listIn(value, 'senders'),
    recipients: listIn(value, 'recipients'),
    domains: listIn(value, 'domains'),
    hosts: listIn(value, 'hosts'),
    states: listIn(value, 'states').map((state) => oneOf(state, states, 'state')),
    beforeMs: beforeMs === undefined ? undefined : Number(beforeMs),
  };
}

/** Throws an Error that says what is wrong with the line. */
export function parseControlRequest(line: string): ControlRequest {
  const value: unknown = JSON.parse(line);
  if (!isObject(value)) throw new Error('the request is no object');
  const request: ControlRequest = {
    order: oneOf(textIn(value, 'order'), orders, 'order'),
    filter: parseFilter(value['filter']),
    all: switchIn(value, 'all'),
    dryRun: switchIn(value, 'dryRun'),
    report: textIn(value, 'report'),
  };
  if (isEverything(request.filter) !== request.all) {
    throw new Error('an order names a filter, or all, and not both');
  }
  return request;
}

function countIn(object: Unknown, name: string): number {
  const value = object[name];
  if (!Number.isSafeInteger(value)) throw new Error(`${name} is no number`);
  return Number(value);
}

/** Throws an Error that says what is wrong with the line. */
export function parseControlAnswer(line: string): ControlAnswer {
  const value: unknown = JSON.parse(line);
  if (!isObject(value)) throw new Error('the answer is no object');
  const known = ['count', 'done', 'working', 'refused', 'failed'] as const;
  const answer = oneOf(textIn(value, 'answer'), known, 'answer');
  switch (answer) {
    case 'count':
    case 'done':
      return { answer, recipients: countIn(value, 'recipients'), messages: countIn(value, 'messages') };
    case 'working':
      return { answer };
    case 'refused':
    case 'failed':
      return { answer, text: textIn(value, 'text') };
  }
}
