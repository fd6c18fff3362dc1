/**
 * Which disk the deliveries of one process use. To wait for the disk here and now keeps everything else in the process
 * waiting; to hand each call to another thread costs more than a quick disk takes to answer.
 */
import { type Disk, immediateDisk, threadedDisk } from './disk.ts';

/** What a process may write here and now: the disk must not keep it from giving signs of life. */
const immediateBytesMax = 1_000_000;

/** A disk that has synced a file in this time is quick. */
const quickSyncMs = 3;

/** Syncs that are looked at. The quickest of them counts: a busy processor makes any of them take longer. */
const syncsRemembered = 8;

export interface DiskChoice {
  /** A delivery of so many bytes begins, while so many run in this process, itself among them. */
  forDelivery(sizeBytes: number, running: number): Disk;
}

/** `clock`: milliseconds. */
export function createDiskChoice(clock: () => number = () => performance.now()): DiskChoice {
  const syncs: number[] = [];
  let oldest = 0;

  function remember(ms: number): void {
    syncs[oldest] = ms;
    oldest = (oldest + 1) % syncsRemembered;
  }

  function isQuick(): boolean {
    return syncs.length === 0 || syncs.some((ms) => ms <= quickSyncMs);
  }

  const immediate: Disk = {
    ...immediateDisk,
    sync(descriptor) {
      const startMs = clock();
      immediateDisk.sync(descriptor);
      remember(clock() - startMs);
    },
  };
  const threaded: Disk = {
    ...threadedDisk,
    async sync(descriptor) {
      const startMs = clock();
      await threadedDisk.sync(descriptor);
      remember(clock() - startMs);
    },
  };

  return {
    forDelivery(sizeBytes, running) {
      if (sizeBytes > immediateBytesMax) return threaded;
      return running === 1 || isQuick() ? immediate : threaded;
    },
  };
}
