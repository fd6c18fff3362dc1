/**
 * Work on files that goes on beside everything else, in libuv's threads. Who asks for it goes through thousands of files,
 * and Node is made ready for that at the first time:
 *
 * - Some disks let each removal wait for milliseconds and do many of them in the time of one (ext4 without a journal,
 *   mounted with `discard`): libuv's four threads would be what a flush waits for. It makes its threads all at once.
 * - What lies in the heap is of no use after a moment. V8 is to look for it before the heap has four times its size. As an
 *   option of the executable that would make V8 refuse the code that is cached in there.
 */

const threads = '16';

/** What libuv reads when it makes its threads. */
const variable = 'UV_THREADPOOL_SIZE';

const heapFlag = '--heap-growing-percent=20';

let isReady = false;

function begin(start: () => void): void {
  if (isReady) {
    start();
    return;
  }
  isReady = true;
  process.getBuiltinModule('node:v8').setFlagsFromString(heapFlag);
  const before = process.env[variable];
  process.env[variable] = before ?? threads;
  try {
    start();
  } finally {
    // It is not for the programs that are started from here.
    if (before === undefined) delete process.env[variable];
  }
}

/** `start` is given what Node is to call at the end. */
export function aside(start: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((fulfil, reject) => {
    begin(() => start((error) => (error === null ? fulfil() : reject(error))));
  });
}
