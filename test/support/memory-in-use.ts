/** What this process holds in memory, without what nobody needs any more: a process may have run many files of tests. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

export interface MemoryInUse {
  readonly heapBytes: number;
  readonly arrayBufferBytes: number;
}

export function memoryInUse(): MemoryInUse {
  // What the first finds is given back beside the program; the second waits until that is done.
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heapBytes: heapUsed, arrayBufferBytes: arrayBuffers };
}
