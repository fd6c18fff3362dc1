/** By the contract of Network.connectProgram: one socket is the program's descriptors 0 and 1. */
import type { ProgramPeer, Stream } from '../system/index.ts';
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
    close() {
      stream.close();
      // That nothing is left of the group is as good.
      if (!isClosed) host.end(child);
      isClosed = true;
    },
  };
}
