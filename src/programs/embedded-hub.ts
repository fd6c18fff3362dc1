/**
 * A hub in one process: the queue, its intake, the QMQP listeners and the deliveries, all as one user. The rooms are
 * those of the hub that is started as root; only this wiring differs.
 */
import { openControl } from '../control/index.ts';
import { deliverLocally } from '../local/index.ts';
import { splitAddress } from '../mail/index.ts';
import { counters, runProgramAside } from '../process/index.ts';
import { type Intake, openStore, type Store } from '../queue/index.ts';
import { createBouncer, createRanks, createSender, type Deliver, type Report } from '../send/index.ts';
import { type ListenAddress, listenControl, listenIntake, listenQmqp, queueIntake } from '../serve/index.ts';
import { chooseQueue, hubQueue } from '../submit/index.ts';
import { type ByteString, errorText, printable, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { readHubSettings } from './hub-settings.ts';
import { keepForgetting } from './keep-forgetting.ts';

export interface EmbeddedHubOptions {
  readonly system: System;
  readonly home: ByteString;
  /** The directory that the default delivery counts from. */
  readonly mailHome: ByteString;
  /** Lines of the .qmail notation. */
  readonly delivery: ByteString;
  readonly listen: readonly ListenAddress[];
  readonly report: Report;
  /** The queue cannot go on in this process. */
  readonly onLost: (error: Error) => void;
}

export interface EmbeddedHub {
  /** Where it listens, with the ports that the kernel gave. */
  readonly addresses: readonly ListenAddress[];
  readonly store: Store;
  /** Reads the control files again; keeps what was in force when they cannot be used. */
  reload(): void;
  /** Everything that waits is due now. */
  retryNow(): void;
  /** Stops listening, finishes what runs, and closes the queue. */
  stop(): Promise<void>;
}

const reloads = counters(
  'mini_qmail_control_reloads_total',
  'Orders to read the control files again: read, or kept as they were because the new ones are bad.',
  { result: ['read', 'kept'] },
);

/** What comes over the network goes to the store, unless another program stands in the queue's place. */
function networkIntake(system: System, store: Store): Intake {
  if (chooseQueue(system, hubQueue) === hubQueue) return store;
  let messages = 0;
  return queueIntake({
    system,
    queueFor: ({ host }) =>
      chooseQueue(system, hubQueue, (run) =>
        runProgramAside({ ...run, env: { ...run.env, PROTO: 'TCP', TCPREMOTEIP: host } }),
      ),
    nextId() {
      messages += 1;
      return messages;
    },
  });
}

const noWayOut: Deliver = async ({ address }) => {
  const domain = printable(splitAddress(address).domain ?? '');
  return {
    verdict: 'Z',
    text: `This hub delivers to control/locals only, and ${domain} is not in it. (#4.4.4)\n`,
  };
};

export async function startEmbeddedHub(options: EmbeddedHubOptions): Promise<EmbeddedHub> {
  const { system, home, report } = options;
  const { now } = system;
  const control = openControl(system, home);
  const directory = nativeText(`${home}/queue`);
  let settings = readHubSettings(control);
  const ranks = createRanks();
  const notice = (text: string) => report({ event: 'notice', text });

  const store = await openStore(directory, {
    now,
    memoryMs: () => settings.memoryMs,
    rankFor: ranks.next,
    onAccepted: (message, recipients) => sender.accepted(message, recipients),
    onRepeated: (message, before) => report({ event: 'repeated', message, before }),
    onLost: options.onLost,
  });
  const deliverHere: Deliver = ({ message, sender, address }) =>
    deliverLocally({
      home: options.mailHome,
      delivery: options.delivery,
      body: store.body(message),
      sender,
      recipient: address,
      nowMs: now(),
    });
  const sender = createSender({
    store,
    ranks,
    settings: () => settings,
    deliver: { local: deliverHere, remote: noWayOut },
    bounce: createBouncer({ store, settings: () => settings.bounces, report, now }),
    report,
    now,
  });

  const stopForgetting = keepForgetting((count) => store.forgetSubmissions(now(), count));
  const closing: (() => Promise<void>)[] = [];
  const stop = async () => {
    stopForgetting();
    await Promise.all(closing.map((close) => close()));
    await sender.stop();
    await store.close();
  };
  try {
    const intake = await listenIntake({ directory, intake: store, log: notice });
    closing.push(() => intake.close());
    const steering = await listenControl({
      directory,
      store,
      steer: sender.steer,
      retryNow: sender.retryNow,
      now,
      log: notice,
    });
    closing.push(() => steering.close());
    const addresses: ListenAddress[] = [];
    for (const where of options.listen) {
      const listener = await listenQmqp({
        ...where,
        intake: networkIntake(system, store),
        localHost: settings.me,
        limits: settings.qmqp,
        log: notice,
      });
      closing.push(() => listener.close());
      addresses.push(listener.address);
    }
    sender.start();
    return {
      addresses,
      store,
      reload() {
        try {
          settings = readHubSettings(control);
          reloads.with({ result: 'read' }).add();
          notice('control files read again');
          sender.wake();
        } catch (error) {
          reloads.with({ result: 'kept' }).add();
          report({ event: 'alert', text: `control files kept as they were: ${errorText(error)}` });
        }
      },
      retryNow() {
        sender.retryNow().catch((error: unknown) => {
          report({ event: 'warning', text: `unable to make everything due: ${errorText(error)}` });
        });
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
