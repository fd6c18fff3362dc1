/**
 * The programs of the chain that checks a login and serves who it is: control/checkpassword and control/pop3d, each a path
 * and arguments with blanks between them, else those of this installation.
 */
import type { Control } from '../../control/index.ts';
import { ownCommand } from '../../process/index.ts';
import type { ByteString } from '../../system/index.ts';
import { nativeText } from '../../system/node/index.ts';
import type { CheckCommand } from './start-check.ts';

function wordsOf(line: ByteString): CheckCommand | undefined {
  const [program, ...args] = line
    .replaceAll('\t', ' ')
    .split(' ')
    .filter((word) => word !== '')
    .map(nativeText);
  return program === undefined ? undefined : [program, ...args];
}

function readCommand(control: Control, name: string, own: () => CheckCommand): CheckCommand {
  const line = control.line(name);
  if (line === undefined) return own();
  const words = wordsOf(line);
  if (words === undefined)
    throw new Error(`${control.directory}/${name} is empty: name a program, or remove it`);
  return words;
}

function ownWords(program: string, args: readonly string[]): CheckCommand {
  const { file, args: all } = ownCommand(program, args);
  return [file, ...all];
}

/** Throws, with the file's name, when it cannot be used. */
export function readCheckCommand(control: Control): CheckCommand {
  return readCommand(control, 'checkpassword', () => ownWords('checkpassword', []));
}

/** `maildir`: what qmail-pop3d serves, from the home of who logs in on. Throws, with the file's name. */
export function readSessionCommand(control: Control, maildir = './Maildir/'): CheckCommand {
  return readCommand(control, 'pop3d', () => ownWords('qmail-pop3d', [maildir]));
}
