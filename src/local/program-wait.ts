/** Waiting for a program's end, and bringing it about when a limit is exceeded: first a word, then the axe. */
import type { ChildProcess } from 'node:child_process';
import { errorCode } from '../system/index.ts';

export interface WaitLimits {
  readonly programMsMax: number;
  readonly programEndMs: number;
  /** Aborts when programs are to end. */
  readonly signal: AbortSignal | undefined;
  /** Resolves when the program has printed more than it may. */
  readonly flood: Promise<void> | undefined;
}

/** How a program ended: its exit code, or a signal, or what we ended it for. */
export type Ended =
  | { readonly by: 'itself'; readonly exitCode: number }
  | { readonly by: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly by: 'us'; readonly because: string };

/** The program's process group goes with it. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // ESRCH: nobody is left. EPERM: it has become another user, and in the end we no longer wait for it.
    if (!['ESRCH', 'EPERM'].includes(errorCode(error))) throw error;
  }
}

function naturalEnd(exitCode: number | null, signal: NodeJS.Signals | null): Ended {
  return signal === null ? { by: 'itself', exitCode: exitCode ?? 0 } : { by: 'signal', signal };
}

/** `child` leads a process group. Rejects when it could not be started. */
export function waitForProgram(child: ChildProcess, limits: WaitLimits): Promise<Ended> {
  const { programMsMax, programEndMs, signal, flood } = limits;
  return new Promise((resolve, reject) => {
    const { pid } = child;
    let because: string | undefined;
    let timer: NodeJS.Timeout;

    const stop = () => end('was ended because this process ends');
    const leave = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    };
    const end = (reason: string) => {
      if (because !== undefined || pid === undefined) return;
      because = reason;
      clearTimeout(timer);
      signalGroup(pid, 'SIGTERM');
      timer = setTimeout(() => {
        signalGroup(pid, 'SIGKILL');
        timer = setTimeout(() => {
          leave();
          resolve({ by: 'us', because: `${reason}, and it does not end` });
        }, programEndMs);
      }, programEndMs);
    };

    timer = setTimeout(() => end(`ran for more than ${programMsMax / 1000} seconds`), programMsMax);
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
    void flood?.then(() => end('printed more than it may'));
    child.once('error', (error) => {
      leave();
      reject(error);
    });
    child.once('exit', (exitCode, exitSignal) => {
      leave();
      if (because === undefined) {
        resolve(naturalEnd(exitCode, exitSignal));
        return;
      }
      // The shell is gone; what it has started may still be there.
      if (pid !== undefined) signalGroup(pid, 'SIGKILL');
      resolve({ by: 'us', because });
    });
  });
}
