/** An operator's order for a queue whose hub does not run: done on the store itself, under the queue's lock. */
import {
  type Affected,
  carryOut,
  countMeant,
  openStore,
  type Steer,
  type SteeringOrder,
} from '../queue/index.ts';
import { nativeText } from '../system/node/index.ts';
import { openQueue } from './open-queue.ts';

export interface StoppedSteering {
  readonly home: string;
  readonly order: SteeringOrder;
  readonly dryRun: boolean;
  readonly onCount: (meant: Affected) => void;
  readonly onDone: (changed: Affected) => void;
}

/** Rejects when there is no queue, and when a hub has it. A dry run only reads. */
export async function steerStopped(options: StoppedSteering): Promise<void> {
  const { home, order } = options;
  const queue = openQueue(home);
  try {
    if (options.dryRun) {
      options.onCount(await countMeant(order, { queue }));
      return;
    }
  } finally {
    queue.close();
  }
  let lost: Error | undefined;
  const store = await openStore(nativeText(`${home}/queue`), {
    now: () => order.nowMs,
    memoryMs: () => 0,
    rankFor: () => 0,
    onAccepted: () => undefined,
    onRepeated: () => undefined,
    onLost: (error) => {
      lost = error;
    },
  });
  try {
    options.onCount(await countMeant(order, { queue: store }));
    const steer = async (...[, recipient, name, report]: Parameters<Steer>) =>
      (await store.steer(recipient, name, report)) !== 'unchanged';
    options.onDone(await carryOut(order, steer, { queue: store }));
  } catch (error) {
    throw lost ?? error;
  } finally {
    await store.close();
  }
}
