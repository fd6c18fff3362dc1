/** A line that nobody looking over a shoulder, or at the list of processes, is to see. */
import { spawnSync } from 'node:child_process';
import { type ByteString, byteStringOf, bytesOf, type System, textOf } from '../system/index.ts';

/** A shell lets the terminal show again what is typed, also when it is interrupted: this process could not. */
const script = `
trap 'stty echo' EXIT
trap 'exit 1' INT TERM HUP
stty -echo
IFS= read -r line
status=$?
echo >&2
printf '%s' "$line"
exit $status
`;

function fromTerminal(): ByteString | undefined {
  const { status, stdout } = spawnSync('/bin/sh', ['-c', script], {
    stdio: ['inherit', 'pipe', 'inherit'],
    encoding: 'latin1',
  });
  return status === 0 ? stdout : undefined;
}

function fromInput(system: System, bytesMax: number): ByteString | undefined {
  const byte = new Uint8Array(1);
  let line = '';
  while (line.length <= bytesMax) {
    // One byte at a time: what follows the line is not ours.
    if (system.files.read(0, byte) === 0) return line === '' ? undefined : line;
    const char = textOf(byte);
    if (char === '\n') return line;
    line += char;
  }
  return undefined;
}

/** The first line on descriptor 0, asked for where somebody types it; undefined when there is none, or it is too long. */
export function readSecret(system: System, prompt: string, bytesMax: number): ByteString | undefined {
  if (!system.files.isTerminal(0)) return fromInput(system, bytesMax);
  system.files.write(2, bytesOf(byteStringOf(prompt)));
  const line = fromTerminal();
  return line === undefined || line.length > bytesMax ? undefined : line;
}
