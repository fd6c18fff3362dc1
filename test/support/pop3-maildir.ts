/** A Maildir with messages whose times are in the order in which they are given. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import type { ByteString } from '../../src/system/index.ts';
import { temporaryDirectory } from './home.ts';

/** `messages`: the texts of files, by new/NAME or cur/NAME. */
export function maildirWith(
  messages: Readonly<Record<string, ByteString>>,
  maildir = `${temporaryDirectory()}/Maildir`,
): string {
  for (const name of ['', '/new', '/cur', '/tmp']) mkdirSync(`${maildir}${name}`, { recursive: true });
  for (const [index, [name, text]] of Object.entries(messages).entries()) {
    writeFileSync(`${maildir}/${name}`, text, 'latin1');
    utimesSync(`${maildir}/${name}`, 1_700_000_000, 1_700_000_000 + index);
  }
  return maildir;
}
