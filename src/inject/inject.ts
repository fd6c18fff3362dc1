/**
 * qmail-inject's work: reads a message on descriptor 0, completes its header, and hands it to the queue or prints it.
 * The header is held in memory, within its limits; the body only passes through.
 */
import { createHeaderReader, type HeaderLimits, type HeaderState, quoteAddress } from '../mail/index.ts';
import { createSpill, type Queue, type QueueOutcome } from '../submit/index.ts';
import {
  type ByteString,
  bytesOf,
  errorCode,
  errorText,
  last,
  printable,
  type System,
  SystemError,
} from '../system/index.ts';
import { completeArgument } from './argument.ts';
import { completeHeader, recipientsMax, type Stamp } from './complete.ts';
import { InjectProblem } from './problem.ts';
import type { Settings } from './settings.ts';
import { unixLines } from './unix-lines.ts';

export const headerLimits: HeaderLimits = {
  headerBytesMax: 2 * 1024 * 1024,
  fieldBytesMax: 1024 * 1024,
};

const readBytes = 65536;

export interface Injection {
  readonly settings: Settings;
  /** Where recipients come from. */
  readonly recipientsFrom: 'arguments' | 'header' | 'both';
  /** As they stand on the command line. */
  readonly recipients: readonly ByteString[];
  /** From the command line; completed like any other address. */
  readonly sender: ByteString | undefined;
  /** A message to nobody is an error, and not a success without effect. */
  readonly recipientsRequired: boolean;
  /** Lines of the message that end in CR LF shall end in LF. */
  readonly unixLines: boolean;
}

interface Prepared {
  readonly header: ByteString;
  readonly sender: ByteString;
  readonly recipients: readonly ByteString[];
  /** The first bytes of the body. */
  readonly body: Uint8Array;
}

/** Time and process number are not enough where every container's first process has the same one. */
function makeStamp(system: System): Stamp {
  const [one = 0, two = 0, three = 0, four = 0] = system.random(4);
  const random = ((one * 256 + two) * 256 + three) * 256 + four;
  return { nowMs: system.now(), digits: `${system.pid}${String(random).padStart(10, '0')}` };
}

function readInput(system: System, into: Uint8Array): number {
  try {
    return system.files.read(0, into);
  } catch (error) {
    throw new SystemError(errorCode(error), `unable to read the message: ${errorText(error)}`, error);
  }
}

function* readAll(system: System): Generator<Uint8Array> {
  const buffer = new Uint8Array(readBytes);
  for (;;) {
    const count = readInput(system, buffer);
    if (count === 0) return;
    yield buffer.subarray(0, count);
  }
}

function inputOf(system: System, injection: Injection): Generator<Uint8Array> {
  return injection.unixLines ? unixLines(readAll(system)) : readAll(system);
}

function readHeader(input: Generator<Uint8Array>): HeaderState & { readonly state: 'complete' } {
  const reader = createHeaderReader(headerLimits);
  let state: HeaderState = { state: 'more' };
  while (state.state === 'more') {
    const { done, value } = input.next();
    state = done ? reader.end() : reader.feed(value);
  }
  if (state.state === 'too-large') {
    const what = state.limit === 'headerBytesMax' ? 'the header' : 'a header field';
    throw new InjectProblem(`${what} is larger than ${headerLimits[state.limit]} bytes (#5.6.0)`);
  }
  return state;
}

/** An address with NUL would end early in an envelope, and name somebody else. */
function refuseNul(addresses: readonly ByteString[]): void {
  const wrong = addresses.find((address) => address.includes('\0'));
  if (wrong !== undefined) {
    throw new InjectProblem(`an address contains a NUL byte: ${printable(wrong)} (#5.1.3)`);
  }
}

function prepare(system: System, injection: Injection, input: Generator<Uint8Array>): Prepared {
  const { settings, recipientsFrom } = injection;
  const complete = (address: ByteString) => completeArgument(address, settings.rewrite);
  const sender = injection.sender === undefined ? undefined : complete(injection.sender);
  const named = recipientsFrom === 'header' ? [] : injection.recipients.map(complete);
  const { fields, body } = readHeader(input);
  const completed = completeHeader(fields, settings, makeStamp(system), sender);
  const recipients = named.concat(recipientsFrom === 'arguments' ? [] : completed.recipients);
  if (recipients.length > recipientsMax) {
    throw new InjectProblem(`more than ${recipientsMax} recipients (#5.5.3)`);
  }
  if (recipients.length === 0 && injection.recipientsRequired) {
    throw new InjectProblem('the header names no recipients');
  }
  refuseNul([completed.sender, ...recipients]);
  return { header: completed.header, sender: completed.sender, recipients, body };
}

/** Writes header and body; a last line without a newline gets one. */
function copy({ header, body }: Prepared, input: Generator<Uint8Array>, write: (bytes: Uint8Array) => void) {
  write(bytesOf(header));
  let lastByte: number | undefined;
  const put = (bytes: Uint8Array) => {
    if (bytes.length > 0) write(bytes);
    lastByte = last(bytes) ?? lastByte;
  };
  put(body);
  for (const bytes of input) put(bytes);
  if (lastByte !== undefined && lastByte !== 10) write(bytesOf('\n'));
}

/** Hands the message to the queue. Throws InjectProblem, or SystemError when it cannot be read or held. */
export async function inject(system: System, injection: Injection, queue: Queue): Promise<QueueOutcome> {
  const input = inputOf(system, injection);
  const prepared = prepare(system, injection, input);
  const message = createSpill(system);
  try {
    copy(prepared, input, (bytes) => message.write(bytes));
    const { sender, recipients } = prepared;
    return await queue(system, message, { sender, recipients });
  } finally {
    message.close();
  }
}

/** Prints the message on descriptor 1 under a Return-Path that shows the envelope sender. */
export function printInjected(system: System, injection: Injection): void {
  const input = inputOf(system, injection);
  const prepared = prepare(system, injection, input);
  const write = (bytes: Uint8Array) => system.files.write(1, bytes);
  write(bytesOf(`Return-Path: <${quoteAddress(prepared.sender)}>\n`));
  copy(prepared, input, write);
}
