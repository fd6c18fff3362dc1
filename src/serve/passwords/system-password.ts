/**
 * Passwords of the system's accounts, which only root may read: getent(1) says what shadow(5) has, and perl(1), which is
 * part of every Debian, asks crypt(3), for Node cannot. Neither is told a password but on a pipe.
 */
import { spawnSync } from 'node:child_process';
import { type ByteString, errorCode } from '../../system/index.ts';
import { nativeText } from '../../system/node/index.ts';

export interface SystemPasswordOptions {
  /** Programs, looked for along $PATH. */
  readonly getent?: string;
  readonly perl?: string;
  /** Milliseconds since 1970. */
  now(): number;
}

/** What one program may take, and print. */
const askMs = 20_000;
const outputBytesMax = 65_536;

const exitNotFound = 2;
const exitDiffers = 1;

const dayMs = 86_400_000;

/** Password and hash, each with a NUL behind it, on descriptor 0. */
const script = `
binmode STDIN;
local $/;
my ($password, $hash) = split /\\0/, <STDIN>;
my $found = crypt($password, $hash);
exit(defined $found && $found eq $hash ? 0 : ${exitDiffers});
`;

interface Ran {
  readonly exit: number;
  readonly output: ByteString;
}

/** Throws when it cannot be run to an exit code. */
function run(program: string, args: readonly string[], input: ByteString): Ran {
  const ran = spawnSync(program, [...args], {
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    input: Buffer.from(input, 'latin1'),
    encoding: 'latin1',
    timeout: askMs,
    maxBuffer: outputBytesMax,
    killSignal: 'SIGKILL',
  });
  // A program may end without reading what it was given: its exit code is its answer all the same.
  const problem = errorCode(ran.error) === 'EPIPE' ? undefined : ran.error;
  if (problem !== undefined || ran.status === null) {
    throw new Error(`${program} failed: ${problem?.message ?? ran.signal}`);
  }
  return { exit: ran.status, output: ran.stdout };
}

/** Fields of a name's entry in shadow(5): name, hash, and after six numbers the day on which the account ends. */
function shadowEntry(name: ByteString, getent: string): readonly ByteString[] | undefined {
  const { exit, output } = run(getent, ['shadow', '--', nativeText(name)], '');
  if (exit === exitNotFound) return undefined;
  if (exit !== 0) throw new Error(`${getent} shadow ended with exit code ${exit}`);
  const fields = output.slice(0, output.indexOf('\n')).split(':');
  return fields[0] === name ? fields : undefined;
}

/**
 * Whether this is the password of an account that has one and has not ended. Throws when that cannot be known. `name` is
 * that of an account.
 */
export function isSystemPassword(
  name: ByteString,
  password: ByteString,
  { getent = 'getent', perl = 'perl', now }: SystemPasswordOptions,
): boolean {
  if (password.includes('\0')) return false;
  const entry = shadowEntry(name, getent);
  const [, hash = '', , , , , , end = ''] = entry ?? [];
  const hasEnded = end !== '' && now() >= Number(end) * dayMs;
  // An empty hash lets everybody in at the console; a "!" or "*" in front of it, nobody anywhere.
  const counts = hash !== '' && !hash.startsWith('!') && !hash.startsWith('*') && !hasEnded;
  // One that cannot be right takes as long.
  const asked = counts ? hash : '$6$decoy$';
  const { exit } = run(perl, ['-e', script], `${password}\0${asked}\0`);
  if (exit !== 0 && exit !== exitDiffers) throw new Error(`${perl} ended with exit code ${exit}`);
  return counts && exit === 0;
}
