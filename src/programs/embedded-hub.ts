/**
 * A hub in one process: the queue, its intake, the QMQP listeners and the deliveries, all as one user. The rooms are
 * those of the hub that is started as root; only this wiring differs.
 */
import { type Control, openControl } from '../control/index.ts';
import { deliverLocally } from '../local/index.ts';
import { splitAddress } from '../mail/index.ts';
import { runProgramAside } from '../process/index.ts';
import { type Intake, openStore, type Store } from '../queue/index.ts';
import { createSender, type Deliver, type Routes, readRoutes } from '../send/index.ts';
import {
  type ListenAddress,
  listenIntake,
  listenQmqp,
  type QmqpServerLimits,
  queueIntake,
  readQmqpServerLimits,
} from '../serve/index.ts';
import { chooseQueue, hubQueue } from '../submit/index.ts';
import { type ByteString, errorText, printable, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';

export interface EmbeddedHubOptions {
  readonly system: System;
  readonly home: ByteString;
  /** The directory that the default delivery counts from. */
  readonly mailHome: ByteString;
  /** Lines of the .qmail notation. */
  readonly delivery: ByteString;
  readonly listen: readonly ListenAddress[];
  readonly log: (line: string) => void;
  /** The queue cannot go on in this process. */
  readonly onLost: (error: Error) => void;
}

export interface EmbeddedHub {
  /** Where it listens, with the ports that the kernel gave. */
  readonly addresses: readonly ListenAddress[];
  /** Reads control/locals and its kin again; keeps what was in force when they cannot be read. */
  reload(): void;
  /** Stops listening, finishes what runs, and closes the queue. */
  stop(): Promise<void>;
}

const concurrencyLocalDefault = 10;
const concurrencyRemoteDefault = 20;

/** More at the same time would only wait for one another's disk and sockets. */
const concurrencyMax = 1000;

function concurrency(control: Control, name: string, preset: number): number {
  return Math.min(control.number(name, preset), concurrencyMax);
}

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
    text: `This hub delivers to control/locals only, and ${domain} is not in it. (#4.4.4)`,
  };
};

export async function startEmbeddedHub(options: EmbeddedHubOptions): Promise<EmbeddedHub> {
  const { system, home, log } = options;
  const control = openControl(system, home);
  const me = control.line('me');
  if (me === undefined) throw new Error(`${control.directory}/me is missing: write this host's name into it`);
  let routes: Routes = readRoutes(control);
  const limits: QmqpServerLimits = readQmqpServerLimits(control);
  const { now } = system;
  const queue = nativeText(`${home}/queue`);

  const store = await openStore(
    queue,
    {
      onAccepted: (message, recipients) => sender.accepted(message, recipients),
      onLost: options.onLost,
    },
    { now },
  );
  const sender = createSender({
    store,
    routes: () => routes,
    deliverLocally: ({ message, address }) =>
      deliverLocally({
        home: options.mailHome,
        delivery: options.delivery,
        body: store.body(message),
        sender: message.sender,
        recipient: address,
        nowMs: now(),
      }),
    deliverRemotely: noWayOut,
    concurrencyLocal: concurrency(control, 'concurrencylocal', concurrencyLocalDefault),
    concurrencyRemote: concurrency(control, 'concurrencyremote', concurrencyRemoteDefault),
    log,
    uidOf: (caller) => (Number.isNaN(Number(caller)) ? String(system.uid) : caller),
    now,
  });

  const closing: (() => Promise<void>)[] = [];
  const stop = async () => {
    await Promise.all(closing.map((close) => close()));
    await sender.stop();
    await store.close();
  };
  try {
    const intake = await listenIntake({ directory: queue, intake: store, log });
    closing.push(() => intake.close());
    const addresses: ListenAddress[] = [];
    for (const where of options.listen) {
      const listener = await listenQmqp({
        ...where,
        intake: networkIntake(system, store),
        localHost: me,
        limits,
        log,
      });
      closing.push(() => listener.close());
      addresses.push(listener.address);
    }
    sender.start();
    return {
      addresses,
      reload() {
        try {
          routes = readRoutes(control);
          log('status: control files read again');
        } catch (error) {
          log(`alert: control files kept as they were: ${errorText(error)}`);
        }
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
