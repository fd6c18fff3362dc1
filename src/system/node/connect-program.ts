/** By the contract of Network.connectProgram, on Node. */
import type { Socket } from 'node:net';
import type { ProgramPeer, Stream } from '../system.ts';
import { errorCode } from '../system-error.ts';
import { nativeRun, startFailure } from './run.ts';
import { nodeStream } from './stream.ts';

/** Ends a whole process group. That nothing of it is left any more is as good. */
function end(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

export async function connectProgram(peer: ProgramPeer): Promise<Stream> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const { program, args, env } = nativeRun({ ...peer, descriptors: {} });
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env, detached: true });
  await new Promise<void>((fulfil, reject) => {
    child.once('spawn', fulfil);
    child.once('error', (error) => reject(startFailure(peer.program, error)));
  });
  // Pipes of Node's are sockets.
  const [input, output] = [child.stdin as Socket, child.stdout as Socket];
  const into = nodeStream(input, peer.program);
  const from = nodeStream(output, peer.program);
  let isClosed = false;
  return {
    read: from.read,
    write: into.write,
    close() {
      if (isClosed) return;
      isClosed = true;
      into.close();
      from.close();
      if (child.pid !== undefined) end(child.pid);
    },
  };
}
