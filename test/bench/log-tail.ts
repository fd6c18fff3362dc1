/** The lines of a hub's log, as they are written. */
import { closeSync, openSync, readSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Short beside what is measured with it. */
const pollMs = 1;

const bufferBytes = 1 << 20;

const timeoutMsDefault = 120_000;

export interface LogTail {
  /** Resolves with the first line from here on that `pick` answers something for, and with that. */
  next<Picked>(what: string, pick: (line: string) => Picked | undefined, timeoutMs?: number): Promise<Picked>;
  close(): void;
}

export function tailLog(path: string): LogTail {
  const descriptor = openSync(path, 'r');
  const buffer = Buffer.alloc(bufferBytes);
  let offset = 0;
  let rest = '';
  let lines: string[] = [];

  function read(): void {
    const count = readSync(descriptor, buffer, 0, buffer.length, offset);
    offset += count;
    const [...complete] = (rest + buffer.toString('latin1', 0, count)).split('\n');
    rest = complete.pop() ?? '';
    lines.push(...complete);
  }

  return {
    async next(what, pick, timeoutMs = timeoutMsDefault) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        read();
        for (const [index, line] of lines.entries()) {
          const picked = pick(line);
          if (picked === undefined) continue;
          lines = lines.slice(index + 1);
          return picked;
        }
        lines = [];
        if (performance.now() > deadline) {
          throw new Error(`after ${timeoutMs} ms the log does not tell of ${what}`);
        }
        await pause(pollMs);
      }
    },
    close: () => closeSync(descriptor),
  };
}

/** Resolves when the log tells that the message of this sender was delivered. */
export async function deliveryOf(log: LogTail, sender: string): Promise<void> {
  const isFrom = (line: string) =>
    line.startsWith('info msg ') && line.includes(` from <${sender}> `) ? line.split(/[ :]/)[2] : undefined;
  const message = await log.next(`a message from ${sender}`, isFrom);
  const isStart = (line: string) =>
    line.startsWith('starting delivery ') && line.includes(`: msg ${message} to `)
      ? line.split(/[ :]/)[2]
      : undefined;
  const delivery = await log.next(`the delivery of message ${message}`, isStart);
  await log.next(`the end of delivery ${delivery}`, (line) =>
    line.startsWith(`delivery ${delivery}: success`) ? true : undefined,
  );
}
