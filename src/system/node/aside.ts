/**
 * Work on files that goes on beside everything else, in libuv's threads. Some disks let each removal wait for milliseconds
 * and do many of them in the time of one (ext4 without a journal, mounted with `discard`): libuv's four threads would then
 * be what a flush waits for. Threads are made at the first use, all at once, and only who works on files aside gets many.
 */

const threads = '16';

/** What libuv reads when it makes its threads. */
const variable = 'UV_THREADPOOL_SIZE';

let areMade = false;

function begin(start: () => void): void {
  if (areMade || process.env[variable] !== undefined) {
    start();
    return;
  }
  areMade = true;
  process.env[variable] = threads;
  try {
    start();
  } finally {
    // It is not for the programs that are started from here.
    delete process.env[variable];
  }
}

/** `start` is given what Node is to call at the end. */
export function aside(start: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((fulfil, reject) => {
    begin(() => start((error) => (error === null ? fulfil() : reject(error))));
  });
}
