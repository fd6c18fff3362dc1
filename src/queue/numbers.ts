/** Message numbers, given out from blocks that the store has reserved: none is ever used twice. */

/** When this many numbers are left, the next block is asked for. */
const reserveBelow = 20_000;

const blockSize = 100_000;

export interface Numbers {
  /** undefined when a full disk has kept the next block from being reserved for too long. */
  take(): number | undefined;
}

export interface NumberBlock {
  readonly firstId: number;
  readonly idCount: number;
}

/** `reserve` makes the next block durable and answers its first number. */
export function createNumbers(first: NumberBlock, reserve: (count: number) => Promise<number>): Numbers {
  const blocks = [{ next: first.firstId, end: first.firstId + first.idCount }];
  let asking = false;

  function ask(): void {
    if (asking) return;
    asking = true;
    reserve(blockSize)
      .then((firstId) => {
        blocks.push({ next: firstId, end: firstId + blockSize });
      })
      // The next call asks again.
      .catch(() => undefined)
      .finally(() => {
        asking = false;
      });
  }

  return {
    take() {
      const [block, ...more] = blocks;
      if (block === undefined) {
        ask();
        return undefined;
      }
      const id = block.next;
      block.next += 1;
      if (block.end - block.next < reserveBelow && more.length === 0) ask();
      if (block.next === block.end) blocks.shift();
      return id;
    },
  };
}
