/**
 * Sends a message by a program that keeps qmail-remote's contract: host, sender and recipient as arguments, the message
 * on descriptor 0, a report on descriptor 1. It may be replaced by any other program that does.
 */
import { spawn } from 'node:child_process';
import { type Answer, type ByteString, type Descriptor, errorCode } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { answerOfRemote } from './remote-report.ts';

export interface RemoteRun {
  /** A path, or a name that is looked for along $PATH. */
  readonly program: string;
  readonly host: ByteString;
  readonly sender: ByteString;
  readonly recipient: ByteString;
  /** The message, from where it stands. */
  readonly message: Descriptor;
  /** How long it may run. */
  readonly runMsMax?: number;
}

/** More than all timeouts of a slow conversation. */
export const runMsDefault = 2 * 3_600_000;

/** Bytes of a report that are read; what comes after them is dropped. */
export const remoteOutputBytesMax = 16_384;

/** Never rejects. */
export function sendByProgram(run: RemoteRun): Promise<Answer> {
  const { program, message, runMsMax = runMsDefault } = run;
  return new Promise((resolve) => {
    const child = spawn(program, [run.host, run.sender, run.recipient].map(nativeText), {
      stdio: [message, 'pipe', 'ignore'],
      timeout: runMsMax,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stdout?.setEncoding('latin1').on('data', (text: string) => {
      output += text.slice(0, remoteOutputBytesMax - output.length);
    });
    child.once('error', (error) => {
      const why = errorCode(error) === 'ENOENT' ? 'there is no such program' : error.message;
      resolve({ verdict: 'Z', text: `Unable to run ${program}: ${why}. (#4.3.0)\n` });
    });
    child.once('close', (exitCode) => resolve(answerOfRemote(exitCode ?? undefined, output)));
  });
}
