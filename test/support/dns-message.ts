/** DNS messages for tests, put together by hand: answers to a query, with the records that a test names. */
import { bytesOf } from '../../src/system/index.ts';

export interface TestRecord {
  /** Bytes of a name, or an offset to point at; the question's name unless another is given. */
  readonly name?: readonly number[];
  readonly type: number;
  readonly data: readonly number[];
  readonly class?: number;
}

export interface TestAnswer {
  readonly answers?: readonly TestRecord[];
  readonly authority?: readonly TestRecord[];
  readonly code?: number;
  readonly authoritative?: boolean;
  readonly truncated?: boolean;
}

/** Where the question's name stands. */
export const questionName = [0xc0, 12];

/** The bytes of a name without any pointer. */
export function nameBytes(name: string): readonly number[] {
  return [...name.split('.').flatMap((label) => [label.length, ...bytesOf(label)]), 0];
}

export const soa = { type: 6, data: [0, 0, ...Array<number>(20).fill(0)] };

export function addressRecord(...data: readonly number[]): TestRecord {
  return { type: data.length === 4 ? 1 : 28, data };
}

export function aliasRecord(target: string, name?: string): TestRecord {
  const record = { type: 5, data: nameBytes(target) };
  return name === undefined ? record : { ...record, name: nameBytes(name) };
}

function recordBytes({ name = questionName, type, data, class: ofClass = 1 }: TestRecord): readonly number[] {
  return [...name, 0, type, 0, ofClass, 0, 0, 0, 60, data.length >> 8, data.length & 0xff, ...data];
}

/** The answer to a query, which must have one question and nothing else. */
export function answerTo(query: Uint8Array, own: TestAnswer = {}): Uint8Array {
  const { answers = [], authority = [], code = 0, authoritative = false, truncated = false } = own;
  const flags = 0x80 | (authoritative ? 0x04 : 0) | (truncated ? 0x02 : 0) | 0x01;
  const counts = [0, 1, 0, answers.length, 0, authority.length, 0, 0];
  const header = [...query.subarray(0, 2), flags, 0x80 | code, ...counts];
  const records = [...answers, ...authority].flatMap(recordBytes);
  return Uint8Array.from([...header, ...query.subarray(12), ...records]);
}
