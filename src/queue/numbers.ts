/**
 * Message numbers, given out from blocks that the store has reserved: none is ever used twice. What a clean stop gives
 * back is given out after the next start; what a crash leaves is lost, and so the first blocks are small.
 */

/** Each block is so many times as large as the one before, up to a size: whoever uses many asks seldom. */
const growth = 4;
const blockSizeMax = 100_000;

export interface Numbers {
  /**
   * `later`: a full disk has kept the next block from being reserved for too long, or this is the end. `never`: all
   * numbers that there are were given out.
   */
  take(): number | 'later' | 'never';
  /** Gives out no more. Answers the first number that was not given out; undefined when there was none to give. */
  stop(): number | undefined;
}

export interface NumberBlock {
  readonly firstId: number;
  /** 0 when all numbers that there are were given out before. */
  readonly idCount: number;
}

/**
 * `reserve` makes the next block durable and answers its first number, or 0 when so many are not left. The store has one
 * owner, so blocks follow one another.
 */
export function createNumbers(first: NumberBlock, reserve: (count: number) => Promise<number>): Numbers {
  const blocks = first.idCount > 0 ? [{ next: first.firstId, end: first.firstId + first.idCount }] : [];
  let unusedId = blocks[0]?.next;
  let left = first.idCount;
  let lastSize = first.idCount;
  let usedUp = first.idCount === 0;
  let asking = false;
  let stopped = false;

  function ask(): void {
    if (asking || usedUp) return;
    asking = true;
    const count = Math.min(lastSize * growth, blockSizeMax);
    reserve(count)
      .then((firstId) => {
        usedUp = firstId === 0;
        if (usedUp) return;
        blocks.push({ next: firstId, end: firstId + count });
        left += count;
        lastSize = count;
      })
      // The next call asks again.
      .catch(() => undefined)
      .finally(() => {
        asking = false;
      });
  }

  return {
    take() {
      if (stopped) return 'later';
      const [block] = blocks;
      if (block === undefined) {
        ask();
        return usedUp ? 'never' : 'later';
      }
      const id = block.next;
      block.next += 1;
      unusedId = block.next;
      left -= 1;
      if (block.next === block.end) blocks.shift();
      // As many as the last block had are kept ahead: that many may be wanted before the disk has answered.
      if (left < lastSize) ask();
      return id;
    },
    stop() {
      stopped = true;
      return unusedId;
    },
  };
}
