/** A sender with a real store, wired as the hub wires it, and deliveries that a test makes up. */
import { after } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import { openStore, type Store } from '../../src/queue/index.ts';
import {
  classicLines,
  createBouncer,
  createRanks,
  createSender,
  type Deliver,
  type Route,
  readBounceSettings,
  readRoutes,
  route,
  type SendEvent,
  type Sender,
  type SenderSettings,
} from '../../src/send/index.ts';
import type { ByteString } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory, temporaryHome } from './home.ts';

export interface SendingOptions {
  /** The queue directory; one of its own without. */
  readonly directory?: string;
  readonly controls?: Readonly<Record<string, ByteString>>;
  /** Carries out local and remote jobs. */
  readonly deliver: Deliver;
  readonly now?: () => number;
  /** How long submissions are remembered; not at all without. */
  readonly memoryMs?: number;
  /** What the sender and the bouncer use in the store's place. */
  readonly through?: (store: Store) => Store;
}

export interface Sending {
  readonly store: Store;
  readonly sender: Sender;
  readonly directory: string;
  readonly events: readonly SendEvent[];
  /** The classic log. */
  readonly log: readonly string[];
  /** Where a recipient goes. */
  route(recipient: ByteString): Route;
  /** The log without the lines that only count what runs. */
  lines(): readonly string[];
  /** Stops the sender and closes the store. */
  stop(): Promise<void>;
  /** Closes the store alone. */
  close(): Promise<void>;
}

/** Those that are open: a test that fails leaves its own, whose threads would keep the process. */
const open = new Set<Sending>();

after(async () => {
  await Promise.all([...open].map((sending) => sending.close()));
});

export async function openSending(options: SendingOptions): Promise<Sending> {
  const { directory = temporaryDirectory(), now = Date.now, through = (store) => store } = options;
  const control = openControl(nodeSystem([]), temporaryHome({ me: 'local\n', ...options.controls }));
  const routes = readRoutes(control);
  const bounces = readBounceSettings(control, routes);
  const settings: SenderSettings = {
    routes,
    queueLifetimeMs: control.number('queuelifetime', 604_800) * 1000,
    concurrency: {
      local: control.number('concurrencylocal', 10),
      remote: control.number('concurrencyremote', 20),
    },
  };
  const events: SendEvent[] = [];
  const log: string[] = [];
  const report = (event: SendEvent) => {
    events.push(event);
    log.push(...classicLines(event, (caller) => (caller === 'network' ? '7' : '0')));
  };
  const ranks = createRanks();
  const store = await openStore(directory, {
    now,
    memoryMs: () => options.memoryMs ?? 0,
    rankFor: ranks.next,
    onAccepted: (message, recipients) => sender.accepted(message, recipients),
    onRepeated: (message, before) => report({ event: 'repeated', message, before }),
    onLost(error) {
      throw error;
    },
  });
  const seen = through(store);
  const sender = createSender({
    store: seen,
    ranks,
    settings: () => settings,
    deliver: { local: options.deliver, remote: options.deliver },
    bounce: createBouncer({ store: seen, settings: () => bounces, report, now }),
    report,
    now,
  });
  const sending: Sending = {
    store,
    sender,
    directory,
    events,
    log,
    route: (recipient) => route(routes, recipient),
    lines: () => log.filter((line) => !line.startsWith('status: ')),
    async stop() {
      await sender.stop();
      await sending.close();
    },
    async close() {
      open.delete(sending);
      await store.close();
    },
  };
  open.add(sending);
  return sending;
}

/** Waits for a condition. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}
