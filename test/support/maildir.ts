/** Maildirs for tests, whose messages have arrived when the test says. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import type { ByteString } from '../../src/system/index.ts';
import { temporaryDirectory } from './home.ts';

export interface Maildir {
  readonly path: string;
  /** A message under new/NAME, cur/NAME or tmp/NAME, last changed so many seconds after 1970. */
  put(name: string, content: ByteString, seconds?: number): void;
}

/** 5 Nov 2025 08:44:38 GMT. */
export const arrivalSeconds = Date.UTC(2025, 10, 5, 8, 44, 38) / 1000;

export function makeMaildir(): Maildir {
  const path = `${temporaryDirectory()}/Maildir`;
  for (const part of ['', '/tmp', '/new', '/cur']) mkdirSync(`${path}${part}`, { mode: 0o700 });
  return {
    path,
    put(name, content, seconds = arrivalSeconds) {
      writeFileSync(`${path}/${name}`, content, 'latin1');
      utimesSync(`${path}/${name}`, seconds, seconds);
    },
  };
}
