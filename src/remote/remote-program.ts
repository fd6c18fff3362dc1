/**
 * Sends a message by a program that keeps qmail-remote's contract: host, sender and recipient as arguments, the message
 * on descriptor 0, a report on descriptor 1. It may be replaced by any other program that does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { type Answer, type ByteString, type Descriptor, errorCode, errorText } from '../system/index.ts';
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
  /** How long a process that it leaves behind may hold its report open. */
  readonly lastWordsMs?: number;
}

/** More than all timeouts of a slow conversation. */
export const runMsDefault = 2 * 3_600_000;

/** Bytes of a report that are read; what comes after them is dropped. */
export const remoteOutputBytesMax = 16_384;

const lastWordsMsDefault = 5_000;

function start({ program, message, runMsMax = runMsDefault, ...run }: RemoteRun): ChildProcess {
  return spawn(program, [run.host, run.sender, run.recipient].map(nativeText), {
    stdio: [message, 'pipe', 'ignore'],
    timeout: runMsMax,
    killSignal: 'SIGKILL',
  });
}

/** Never rejects. */
export function sendByProgram(run: RemoteRun): Promise<Answer> {
  const { program, lastWordsMs = lastWordsMsDefault } = run;
  const failed = (error: unknown): Answer => {
    const why = errorCode(error) === 'ENOENT' ? 'there is no such program' : errorText(error);
    return { verdict: 'Z', text: `Unable to run ${program}: ${why}. (#4.3.0)\n` };
  };
  let child: ChildProcess;
  try {
    child = start(run);
  } catch (error) {
    return Promise.resolve(failed(error));
  }
  return new Promise((resolve) => {
    let output = '';
    let tooLate: NodeJS.Timeout | undefined;
    child.stdout?.setEncoding('latin1').on('data', (text: string) => {
      output += text.slice(0, remoteOutputBytesMax - output.length);
    });
    child.on('error', (error) => resolve(failed(error)));
    child.once('exit', () => {
      tooLate = setTimeout(() => child.stdout?.destroy(), lastWordsMs);
    });
    child.once('close', (exitCode) => {
      clearTimeout(tooLate);
      resolve(answerOfRemote(exitCode ?? undefined, output));
    });
  });
}
