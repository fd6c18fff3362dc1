/**
 * Hubs in TLS through a program that speaks it in our place. control/qmqptunnel is its command:
 *
 *     command = program *( blanks word )
 *
 * No shell reads it. In each word %a stands for the hub's address, %h for its name, %p for its port and %% for %. What the
 * program reads on descriptor 0 goes to the hub, what it writes on 1 has come from there. $QMQPPINS holds the fingerprints
 * of the hub's keys, as control/qmqpservers names them: whether the hub has one of them is for the program to find out.
 */
import type { TunnelEnd } from '../../qmqp/index.ts';
import { homeDirectory, openControl } from '../control/index.ts';
import { type ByteString, type Stream, type System, SystemError } from '../system/index.ts';

/** The control file with the command. */
export const tunnelFile = 'qmqptunnel';

/** Throws for a percent sign with anything else behind it. */
function fill(word: ByteString, { address, serverName, port }: TunnelEnd): ByteString {
  const values = new Map([
    ['a', address],
    ['h', serverName ?? address],
    ['p', String(port)],
    ['%', '%'],
  ]);
  let filled = '';
  for (let at = 0; at < word.length; at += 1) {
    if (word.charAt(at) !== '%') {
      filled += word.charAt(at);
      continue;
    }
    at += 1;
    const value = values.get(word.charAt(at));
    if (value === undefined)
      throw new SystemError('EINVAL', `control/${tunnelFile}: %${word.charAt(at)} stands for nothing`);
    filled += value;
  }
  return filled;
}

function wordsOf(line: ByteString): readonly ByteString[] {
  return line
    .replaceAll('\t', ' ')
    .split(' ')
    .filter((word) => word !== '');
}

/** The program, counted from the home directory when it is not absolute, and its arguments; undefined without the file. */
export function tunnelCommand(system: System, end: TunnelEnd): readonly ByteString[] | undefined {
  const line = openControl(system).line(tunnelFile);
  if (line === undefined) return undefined;
  const [program, ...words] = wordsOf(line);
  if (program === undefined) return undefined;
  const path = program.startsWith('/') ? program : `${homeDirectory(system)}/${program}`;
  return [path, ...words.map((word) => fill(word, end))];
}

/** Starts the program; undefined when there is none. Throws when the file makes no sense or the program does not start. */
export function openTunnel(system: System, end: TunnelEnd): Promise<Stream> | undefined {
  const [program, ...args] = tunnelCommand(system, end) ?? [];
  if (program === undefined) return undefined;
  const env = { QMQPPINS: end.pins.join(' ') };
  return system.network.connectProgram({ program, args, env });
}
