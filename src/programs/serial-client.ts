/**
 * Runs a client of maildirserial: it finds names of messages, each with a NUL behind it, on its descriptor 0, and
 * reports on descriptor 1. Each report is dealt with before the next one is read.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ByteString } from '../system/index.ts';
import { nativeRun, nativeText, startFailure } from '../system/node/index.ts';
import { createSerialReportParser, type SerialReport } from './serial-report.ts';

export interface SerialRun {
  readonly command: readonly ByteString[];
  /** Where it runs: the names count from there. */
  readonly directory: ByteString;
  readonly names: readonly ByteString[];
  take(report: SerialReport): Promise<void>;
}

/** Its exit code, undefined when a signal ended it, or that it does not report as it should. */
export type SerialEnd = number | undefined | 'malformed';

/** Rejects with a SystemError when the client cannot be started, and with whatever `take` rejects with. */
export async function runSerialClient({ command, directory, names, take }: SerialRun): Promise<SerialEnd> {
  const [name = '', ...rest] = command;
  const { program, args, env } = nativeRun({ program: name, args: rest, descriptors: {} });
  const child = spawn(program, args, { cwd: nativeText(directory), env, stdio: ['pipe', 'pipe', 'inherit'] });
  // A client may stop reading when it has had enough: that is its right, and its reports say what was sent.
  child.stdin.on('error', () => {});
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw startFailure(name, error instanceof Error ? error : new Error(String(error)));
  }
  const ended = once(child, 'close');
  child.stdin.end(Buffer.from(names.map((message) => `${message}\0`).join(''), 'latin1'));
  const parser = createSerialReportParser();
  let isWhole = false;
  try {
    for await (const chunk of child.stdout) {
      const reports = parser.feed(chunk);
      if (reports === undefined) return 'malformed';
      for (const report of reports) await take(report);
    }
    isWhole = true;
  } finally {
    // Nobody reads what it says from here on.
    if (!isWhole) child.kill('SIGKILL');
  }
  const [exitCode] = await ended;
  return exitCode ?? undefined;
}
