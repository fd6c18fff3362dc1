/**
 * Lets so much work through at the same time; the rest waits for its turn, in its order. Work that fails makes room as work
 * that does not.
 */
export type Gate = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function createGate(size: number): Gate {
  let free = size;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
