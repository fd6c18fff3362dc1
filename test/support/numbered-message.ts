/** Messages that can be told apart, and of which every byte is known from their number. */
import assert from 'node:assert/strict';

/** Small ones for the most part, and some that the queue keeps in several chunks. */
const sizesBytes = [300, 1000, 1000, 2000, 5000, 1000, 20_000, 65_536, 150_000, 400_000];

export interface NumberedMessage {
  readonly number: number;
  /** Header and body. */
  readonly text: string;
}

export function numberedMessage(number: number): NumberedMessage {
  const sizeBytes = sizesBytes[number % sizesBytes.length] ?? 0;
  const header = `Message-ID: <${number}@satellite.test>\nSubject: number ${number}\n\n`;
  const line = `${number}: From the first byte to the last, nothing but this.\n`;
  return { number, text: `${header}${line.repeat(Math.ceil(sizeBytes / line.length))}.` };
}

/** Which message a delivered file holds. Throws when it is not, byte for byte, what was sent below the hub's lines. */
export function numberOf(delivered: string): number {
  const start = delivered.indexOf('Message-ID: ');
  const number = Number(/^Message-ID: <(\d+)@/.exec(delivered.slice(start))?.[1]);
  assert.ok(
    Number.isInteger(number) && delivered.slice(start) === numberedMessage(number).text,
    `a file holds what nobody sent:\n${delivered.slice(0, 500)}`,
  );
  return number;
}
