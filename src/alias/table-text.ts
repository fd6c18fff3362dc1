/** A forwarding database as text, as printforward prints it and setforward reads it (table.ts). */
import type { ByteString } from '../system/index.ts';
import { commandsOf } from './commands.ts';
import { AliasProblem } from './problem.ts';

const special = new Set(',:;\\#');

function bad(what: string): AliasProblem {
  return new AliasProblem('D', `bad database format: ${what}`);
}

/** With a backslash before each byte that would mean something to setforward, and before bytes that are not ASCII. */
function escaped(text: ByteString): ByteString {
  let result = '';
  for (const byte of text) {
    const code = byte.charCodeAt(0);
    result += code <= 32 || code > 127 || special.has(byte) ? `\\${byte}` : byte;
  }
  return result;
}

/** One record. */
export function recordText(key: ByteString, data: ByteString): ByteString {
  const target = escaped(key.slice(1));
  if (key.startsWith('?')) return `${target}: ?${escaped(data)};\n`;
  if (!key.startsWith(':')) throw bad('a key of no known kind');
  const { commands, rest } = commandsOf(data);
  if (rest !== '') throw bad('a command without its end');
  const lines = commands.map((command) => {
    if (!command.isWellFormed) throw bad('a command of no known kind');
    return `, ${escaped(command.text)}\n`;
  });
  return `${target}:\n${lines.join('')};\n`;
}
