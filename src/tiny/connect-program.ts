/** By the contract of Network.connectProgram: one socket is the program's descriptors 0 and 1. */
import { errorCode, type ProgramPeer, type Stream, UnreadError } from '../system/index.ts';
import { checked } from './checked.ts';
import type { Host } from './host.ts';
import { startProgram } from './start-program.ts';
import { tinyStream } from './stream.ts';
import type { Waits } from './waits.ts';

export function connectProgram(host: Host, waits: Waits, peer: ProgramPeer): Stream {
  const ends = new Int32Array(2);
  checked(host, host.socketPair(ends), 'socketpair', peer.program);
  const [ours = -1, theirs = -1] = ends;
  let child = 0;
  try {
    child = startProgram(host, peer, { 0: theirs, 1: theirs, 2: 2 }, true);
  } finally {
    host.close(theirs);
    if (child === 0) host.close(ours);
  }
  const stream = tinyStream(host, waits, ours, peer.program);
  let isClosed = false;
  return {
    ...stream,
    async read(timeoutMs) {
      try {
        return await stream.read(timeoutMs);
      } catch (error) {
        // Of such a pair Linux says so when the other end is closed, by the last who had it, with bytes in it unread.
        if (errorCode(error) !== 'ECONNRESET') throw error;
        throw new UnreadError('ECONNABORTED', `${peer.program} has ended without reading all of it`, error);
      }
    },
    close() {
      stream.close();
      // That nothing is left of the group is as good.
      if (!isClosed) host.end(child);
      isClosed = true;
    },
  };
}
