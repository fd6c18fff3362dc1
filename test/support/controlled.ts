/** A queue with recipients in every state, behind a control socket. */

import { everything, type Filter, type Order, type Steer } from '../../src/queue/index.ts';
import type { ControlTimes } from '../../src/serve/control-listener.ts';
import { askHub, type ControlAnswer, type ControlRequest, listenControl } from '../../src/serve/index.ts';
import { openSteeredQueue, type SteeredQueue } from './steered-queue.ts';

export interface Controlled extends SteeredQueue {
  /** Orders for single recipients, and calls of retryNow, in their order. */
  readonly calls: readonly string[];
  readonly log: readonly string[];
  /** What the hub answers, without `working`. */
  ask(request: ControlRequest): Promise<readonly ControlAnswer[]>;
  /** Closes the listener alone. */
  closeListener(): Promise<void>;
}

export interface ControlledOptions {
  /** Called before each order for a recipient is carried out. */
  readonly before?: () => Promise<void>;
  /** What an order to retry everything does; one recipient is due without. */
  readonly retryNow?: () => number;
  readonly times?: ControlTimes;
}

export function controlRequest(order: Order, part: Partial<Filter> = {}, dryRun = false): ControlRequest {
  const filter = { ...everything, ...part };
  return { order, filter, all: Object.keys(part).length === 0, dryRun, report: 'as asked (#5.3.0)\n' };
}

export async function openControlled(options: ControlledOptions = {}): Promise<Controlled> {
  const queue = await openSteeredQueue();
  const { directory, store } = queue;
  const calls: string[] = [];
  const log: string[] = [];
  const steer: Steer = async (_message, recipient, order, report) => {
    await options.before?.();
    calls.push(`${order} ${recipient.address.split('@')[0]}`);
    return (await store.steer(recipient, order, report)) !== 'unchanged';
  };
  const listener = await listenControl({
    directory,
    store,
    steer,
    retryNow: async () => {
      calls.push('retry all');
      return options.retryNow?.() ?? 1;
    },
    now: Date.now,
    log: (line) => log.push(line),
    ...(options.times === undefined ? {} : { times: options.times }),
  });
  let closing: Promise<void> | undefined;
  const closeListener = () => {
    closing ??= listener.close();
    return closing;
  };
  return {
    ...queue,
    calls,
    log,
    async ask(request) {
      const answers: ControlAnswer[] = [];
      const asked = await askHub(directory, request, (answer) => {
        if (answer.answer !== 'working') answers.push(answer);
      });
      if (!asked) throw new Error('nobody listens');
      return answers;
    },
    closeListener,
    async close() {
      await closeListener();
      await store.close();
    },
  };
}
