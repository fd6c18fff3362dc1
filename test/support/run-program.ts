/** Runs one of our programs as a real process, with exactly the bytes, descriptors and variables that a test names. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ByteString } from '../../src/system/index.ts';
import { currentBody } from './bodies.ts';
import { compileCache } from './compile-cache.ts';
import { hubCommand, satelliteMain } from './entry-points.ts';

export interface Run {
  /** qmail-inject, sendmail ... */
  readonly program: string;
  readonly args?: readonly ByteString[];
  /** Descriptor 0, through a pipe. */
  readonly stdin?: ByteString | Uint8Array;
  /** Descriptor 0 is a file: for programs that read their input more than once. */
  readonly seekable?: boolean;
  /** Descriptor 1 as an input: the envelope that qmail-queue reads. Without it descriptor 1 is captured. */
  readonly envelope?: ByteString;
  /** Variables on top of a nearly empty environment. */
  readonly env?: Readonly<Record<string, ByteString>>;
  readonly cwd?: string;
  /** The entry point: the hub's (all programs) unless a test asks for the satellite's, which is that of its body. */
  readonly main?: string;
  /** A built executable, which runs in place of Node and an entry point. */
  readonly executable?: string;
}

export interface Ended {
  /** undefined when a signal ended it. */
  readonly exit: number | undefined;
  readonly stdout: ByteString;
  readonly stderr: ByteString;
}

export { satelliteMain };

/** An entry point for root alone: `program` is a user, and the first argument the program that runs as that user. */
export const asUserMain = fileURLToPath(new URL('./as-user.ts', import.meta.url));

let counter = 0;

export function temporaryPath(): string {
  counter += 1;
  return `${tmpdir()}/mini-qmail-test-${process.pid}-${counter}-${Math.floor(Math.random() * 2 ** 32).toString(36)}`;
}

function toBytes(data: ByteString | Uint8Array): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
}

/** A file's bytes at a descriptor for reading; the file has no name any more. */
function inputOf(data: ByteString | Uint8Array): number {
  const path = temporaryPath();
  writeFileSync(path, toBytes(data));
  const descriptor = openSync(path, 'r');
  unlinkSync(path);
  return descriptor;
}

function quote(text: ByteString): ByteString {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Node encodes the arguments and variables of a child as UTF-8. A shell that reads its script from a file passes any
 * bytes, so that is the way when there are some over 127.
 */
function command(words: readonly ByteString[], env: Readonly<Record<string, ByteString>>): readonly string[] {
  const all = [...words, ...Object.values(env)];
  if (!all.some((text) => Buffer.from(text, 'latin1').some((byte) => byte > 127))) return words;
  const script = temporaryPath();
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quote(value)}; export ${name}\n`);
  const text = `unlink ${quote(script)}\n${variables.join('')}exec ${words.map(quote).join(' ')}\n`;
  writeFileSync(script, text, 'latin1');
  return ['/bin/sh', script];
}

/** Words before the program's name. */
function programOf({ executable, main }: Run): readonly string[] {
  if (executable !== undefined) return [executable];
  if (main === undefined) return hubCommand;
  return main === satelliteMain ? currentBody().command : [process.execPath, main];
}

/** Runs it to its end. */
export function runProgram(run: Run): Promise<Ended> {
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', ...compileCache, ...run.env };
  const words = command([...programOf(run), run.program, ...(run.args ?? [])], env);
  const envelope = run.envelope === undefined ? undefined : inputOf(run.envelope);
  const input = run.seekable ? inputOf(run.stdin ?? '') : undefined;
  return new Promise((resolve, reject) => {
    const child = spawn(words[0] ?? '', words.slice(1), {
      env,
      ...(run.cwd === undefined ? {} : { cwd: run.cwd }),
      stdio: [input ?? 'pipe', envelope ?? 'pipe', 'pipe'],
    });
    const output: Buffer[][] = [[], []];
    child.stdout?.on('data', (chunk: Buffer) => output[0]?.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => output[1]?.push(chunk));
    // A program may end without reading its input: that is its right, and no error here.
    child.stdin?.on('error', () => {});
    child.stdin?.end(toBytes(run.stdin ?? ''));
    child.on('error', reject);
    child.on('close', (code) => {
      for (const descriptor of [envelope, input]) if (descriptor !== undefined) closeSync(descriptor);
      const [stdout = '', stderr = ''] = output.map((chunks) => Buffer.concat(chunks).toString('latin1'));
      resolve({ exit: code ?? undefined, stdout, stderr });
    });
  });
}
