/** Runs an embedded hub until a signal ends it: what qmail-send and qmail-start --embedded have in common. */
import { openLineLog } from '../process/index.ts';
import { type ListenAddress, listenAddressText } from '../serve/index.ts';
import { type ByteString, errorText, type System } from '../system/index.ts';
import { type EmbeddedHub, startEmbeddedHub } from './embedded-hub.ts';

export interface HubRun {
  readonly system: System;
  readonly home: ByteString;
  readonly mailHome: ByteString;
  readonly delivery: ByteString;
  readonly listen: readonly ListenAddress[];
}

const logDescriptor = 1;

const exitTemporary = 111;

/** Deliveries wait for the disk on these threads, and their number limits how many do so at the same time. */
const diskThreads = 24;

/** The exit code: 0 after SIGTERM or SIGINT, 111 when the queue is lost. */
export async function runHub(run: HubRun): Promise<number> {
  // The thread pool is made at its first use and reads this then.
  process.env['UV_THREADPOOL_SIZE'] ??= String(diskThreads);
  // Nobody but this user reads the queue and the mailboxes.
  process.umask(0o077);
  const log = openLineLog(logDescriptor);
  const ended = Promise.withResolvers<Error | undefined>();
  let hub: EmbeddedHub | undefined;
  // Asking again does not hurt: what runs is finished all the same.
  process.on('SIGTERM', () => ended.resolve(undefined));
  process.on('SIGINT', () => ended.resolve(undefined));
  // A hub that has not started yet will read everything anyhow.
  process.on('SIGHUP', () => hub?.reload());
  try {
    hub = await startEmbeddedHub({ ...run, log: log.line, onLost: ended.resolve });
    for (const address of hub.addresses) log.line(`listening qmqp ${listenAddressText(address)}`);
    const loss = await ended.promise;
    if (loss !== undefined) throw loss;
    await hub.stop();
    return 0;
  } catch (error) {
    log.line(`alert: cannot go on: ${errorText(error)}`);
    return exitTemporary;
  } finally {
    await log.flush();
  }
}
