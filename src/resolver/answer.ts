/**
 * What a name server answered (RFC 1035 4.1). The message comes from anybody: whatever it holds, reading it ends, and
 * takes no more memory than a few addresses.
 */
import type { ByteString } from '../system/index.ts';
import { readName } from './name.ts';
import { internetClass, type Question, recordType } from './question.ts';

/** What an answer says of one question. */
export type Answered =
  /** It is no answer to this question: another may come still. */
  | { readonly kind: 'foreign' }
  /** It did not fit into a datagram. */
  | { readonly kind: 'truncated' }
  | { readonly kind: 'addresses'; readonly addresses: readonly ByteString[] }
  /** There is no such name, or it has no address of this family. `certain`: somebody with authority says so. */
  | { readonly kind: 'absent'; readonly certain: boolean }
  /** The server could not answer. */
  | { readonly kind: 'failed'; readonly text: string };

/** Addresses of one name that are kept. */
const addressesMax = 16;

/** Aliases that are followed. */
const aliasesMax = 8;

/** Records of all sections that are looked at. */
const recordsMax = 256;

const headerBytes = 12;

/** The parts of the header's third and fourth octet. */
const isResponse = 0x80;
const operationBits = 0x78;
const isAuthoritative = 0x04;
const isTruncated = 0x02;
const codeBits = 0x0f;

/** RFC 1035 4.1.1: codes of a response. */
const noError = 0;
const nameError = 3;
const codeTexts: Readonly<Record<number, string>> = {
  1: 'the server did not understand the question',
  2: 'the server failed',
  4: 'the server does not answer such questions',
  5: 'the server refused to answer',
};

const malformed = { kind: 'failed', text: 'the answer is malformed' } as const;

interface ResourceRecord {
  readonly name: ByteString;
  readonly type: number;
  readonly isInternet: boolean;
  readonly dataAt: number;
  readonly end: number;
}

function number16(message: Uint8Array, offset: number): number {
  return ((message[offset] ?? 0) << 8) | (message[offset + 1] ?? 0);
}

/** RFC 1035 4.1.3: NAME TYPE CLASS TTL RDLENGTH RDATA; undefined when it is not all there. */
function readRecord(message: Uint8Array, offset: number): ResourceRecord | undefined {
  const found = readName(message, offset);
  if (found === undefined) return undefined;
  const { name, end: at } = found;
  const dataAt = at + 10;
  const end = dataAt + number16(message, at + 8);
  if (dataAt > message.length || end > message.length) return undefined;
  const isInternet = number16(message, at + 2) === internetClass;
  return { name, type: number16(message, at), isInternet, dataAt, end };
}

/** RFC 5952 4: the longest run of zeros is written as two colons. */
function ipv6Text(groups: readonly string[]): ByteString {
  let [start, length] = [0, 1];
  for (let at = 0; at < groups.length; at += 1) {
    let end = at;
    while (groups[end] === '0') end += 1;
    if (end - at > length) [start, length] = [at, end - at];
  }
  if (length === 1) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

/** An address in its text form; undefined when the record's data have another length. */
function addressOf(message: Uint8Array, { type, dataAt, end }: ResourceRecord): ByteString | undefined {
  const data = message.subarray(dataAt, end);
  if (type === recordType.a) return data.length === 4 ? data.join('.') : undefined;
  if (data.length !== 16) return undefined;
  return ipv6Text(Array.from({ length: 8 }, (_, index) => number16(data, 2 * index).toString(16)));
}

/** The records of the answer section, and whether the authority section vouches for there being none (RFC 2308 2). */
interface Sections {
  readonly answers: readonly ResourceRecord[];
  readonly hasAuthority: boolean;
}

function readSections(message: Uint8Array, offset: number): Sections | undefined {
  const [answerCount, authorityCount] = [number16(message, 6), number16(message, 8)];
  if (answerCount + authorityCount > recordsMax) return undefined;
  const answers: ResourceRecord[] = [];
  let hasAuthority = false;
  let at = offset;
  for (let index = 0; index < answerCount + authorityCount; index += 1) {
    const found = readRecord(message, at);
    if (found === undefined) return undefined;
    if (index < answerCount) answers.push(found);
    else if (found.type === recordType.soa && found.isInternet) hasAuthority = true;
    at = found.end;
  }
  return { answers, hasAuthority };
}

/** The name that the aliases lead to, in whatever order they stand; undefined when there are too many of them. */
function followAliases(
  message: Uint8Array,
  answers: Sections['answers'],
  asked: ByteString,
): ByteString | undefined {
  let name = asked;
  for (let count = 0; count <= aliasesMax; count += 1) {
    const alias = answers.find(
      (found) => found.type === recordType.cname && found.isInternet && found.name === name,
    );
    if (alias === undefined) return name;
    const target = readName(message, alias.dataAt);
    if (target === undefined || target.end !== alias.end) return undefined;
    name = target.name;
  }
  return undefined;
}

/** Whether the message repeats the question; answers where the first record begins. */
function endOfQuestion(message: Uint8Array, { id, name, type }: Question): number | undefined {
  const [flags = 0] = message.subarray(2);
  if (message.length < headerBytes || number16(message, 0) !== id) return undefined;
  if ((flags & isResponse) === 0 || (flags & operationBits) !== 0) return undefined;
  if (number16(message, 4) !== 1) return undefined;
  const asked = readName(message, headerBytes);
  if (asked === undefined || asked.name !== name) return undefined;
  const isSame = number16(message, asked.end) === type && number16(message, asked.end + 2) === internetClass;
  return isSame && asked.end + 4 <= message.length ? asked.end + 4 : undefined;
}

/** Reads what came as an answer to a question. */
export function readAnswer(message: Uint8Array, question: Question): Answered {
  const start = endOfQuestion(message, question);
  if (start === undefined) return { kind: 'foreign' };
  const [flags = 0, codes = 0] = message.subarray(2);
  if ((flags & isTruncated) !== 0) return { kind: 'truncated' };
  const code = codes & codeBits;
  if (code !== noError && code !== nameError)
    return { kind: 'failed', text: codeTexts[code] ?? `the server answered with code ${code}` };
  const sections = readSections(message, start);
  if (sections === undefined) return malformed;
  const { answers, hasAuthority } = sections;
  const name = followAliases(message, answers, question.name);
  if (name === undefined) return { kind: 'failed', text: 'its aliases lead nowhere' };
  const addresses: ByteString[] = [];
  for (const found of answers) {
    if (found.type !== question.type || !found.isInternet || found.name !== name) continue;
    const address = addressOf(message, found);
    if (address === undefined) return malformed;
    if (addresses.length < addressesMax) addresses.push(address);
  }
  if (addresses.length > 0) return { kind: 'addresses', addresses };
  return { kind: 'absent', certain: hasAuthority || (flags & isAuthoritative) !== 0 };
}
