/**
 * A program line of a .qmail file (qmail-command(8)): /bin/sh runs the command in the home, with the message on
 * descriptor 0, in a process group of its own. It may take a limited time and print a limited amount; what exceeds
 * that is ended, and the delivery is deferred. What it leaves running in the background is not waited for.
 */
import { closeSync } from 'node:fs';
import type { Answer, ByteString } from '../system/index.ts';
import type { LocalMeans } from './job.ts';
import type { MessageFile } from './message-file.ts';
import type { Environment } from './program-environment.ts';
import { launchProgram } from './program-launch.ts';
import { openProgramOutput, type ProgramOutput } from './program-output.ts';
import { type Ended, waitForProgram } from './program-wait.ts';
import { deferral, reasonOf, reportBytesMax } from './report.ts';

/** How long a program may run. */
export const programMsDefault = 3_600_000;

/** How long a program that is told to end has before it is killed, and then before it is no longer waited for. */
export const programEndMsDefault = 5_000;

/** How much a program may print. What does not fit into the report is dropped before that. */
export const programOutputBytesDefault = 100 * 1024 * 1024;

const exitDone = 0;
const exitStop = 99;

/** These codes mean never; any other but 0 and 99 means not now. */
const exitsNever: readonly number[] = [64, 65, 70, 76, 77, 78, 100, 112];

export interface ProgramCall {
  readonly command: ByteString;
  readonly home: ByteString;
  readonly environment: Environment;
  readonly message: MessageFile;
}

export interface ProgramEnd {
  /** What it printed, for the report. */
  readonly output: ByteString;
  /** Why the delivery has failed. */
  readonly failure?: Answer;
  /** The lines that follow do not count. */
  readonly stop: boolean;
}

/** A failure that says nothing helps nobody who reads a log or a bounce. */
function failureText(exitCode: number, silent: boolean): string {
  return silent ? `A program ended with exit code ${exitCode}.\n` : '';
}

function failureOf(ended: Ended, silent: boolean): Answer | undefined {
  switch (ended.by) {
    case 'itself': {
      const { exitCode } = ended;
      if (exitCode === exitDone || exitCode === exitStop) return undefined;
      const verdict = exitsNever.includes(exitCode) ? 'D' : 'Z';
      return { verdict, text: failureText(exitCode, silent) };
    }
    case 'signal':
      return deferral(`Aack, a program crashed: ${ended.signal}. (#4.3.0)`);
    case 'us':
      return deferral(`A program ${ended.because}. (#4.3.0)`);
  }
}

async function start(
  call: ProgramCall,
  means: LocalMeans,
  output: ProgramOutput | undefined,
): Promise<Ended> {
  const input = await call.message.open();
  try {
    const [out, error] = output === undefined ? [1, 2] : [output.descriptor, output.descriptor];
    const child = launchProgram({ ...call, stdio: [input, out, error], system: means.system });
    output?.started();
    return await waitForProgram(child, {
      programMsMax: means.programMsMax ?? programMsDefault,
      programEndMs: means.programEndMs ?? programEndMsDefault,
      signal: means.signal,
      flood: output?.flood,
    });
  } finally {
    closeSync(input);
  }
}

/** Runs it to its end. */
export async function runUserProgram(call: ProgramCall, means: LocalMeans): Promise<ProgramEnd> {
  let output: ProgramOutput | undefined;
  try {
    if (means.programOutput !== 'inherited') {
      const bytesMax = means.programOutputBytesMax ?? programOutputBytesDefault;
      output = await openProgramOutput(reportBytesMax + 1, bytesMax);
    }
    const ended = await start(call, means, output);
    const text = output?.finish() ?? '';
    const failure = failureOf(ended, output !== undefined && text === '');
    const stop = ended.by === 'itself' && ended.exitCode === exitStop;
    return { output: text, stop, ...(failure === undefined ? {} : { failure }) };
  } catch (error) {
    const failure = deferral(`Unable to run a program: ${reasonOf(error)}. (#4.3.0)`);
    return { output: '', stop: false, failure };
  } finally {
    output?.close();
  }
}
