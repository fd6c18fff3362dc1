/**
 * The running hub's end of the control socket, QUEUE/control: an operator's orders for what is in the queue. Who may
 * connect is decided by the socket's mode: its owner, the user of the queue, and root. One connection, one order. An
 * order whose client goes away ends where it is; what it has changed stays changed.
 */
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import {
  type Affected,
  carryOut,
  countMeant,
  isEverything,
  type Reader,
  type Steer,
  type SteeringOptions,
  type SteeringOrder,
} from '../queue/index.ts';
import { asciiJson, byteStringOf, errorText, printable } from '../system/index.ts';
import {
  type ControlAnswer,
  type ControlRequest,
  controlRequestBytesMax,
  parseControlRequest,
} from './control-protocol.ts';

export interface ControlListenerOptions {
  /** The queue directory; the socket is made in it. */
  readonly directory: string;
  readonly store: Pick<Reader, 'message' | 'messages' | 'recipients'>;
  readonly steer: Steer;
  /** Everything that waits is due now. Answers for how many that is new; rejects when it ends early. */
  readonly retryNow: () => Promise<number>;
  readonly now: () => number;
  /** Takes one line without its line end, for each order. */
  readonly log: (line: string) => void;
  readonly times?: ControlTimes;
}

export interface ControlTimes {
  /** How long a request may take to arrive. */
  readonly requestMs: number;
  /** How often a long order says that it goes on. */
  readonly workingMs: number;
}

export const controlTimes: ControlTimes = { requestMs: 10_000, workingMs: 1000 };

export interface ControlListener {
  /** Ends the orders that are being carried out, each after its page. */
  close(): Promise<void>;
}

/** The socket in a queue directory. */
export function controlPath(directory: string): string {
  return `${directory}/control`;
}

/** Its owner and root may connect. */
const socketMode = 0o600;

/** Orders at the same time. */
const connectionsMax = 8;

/** The first line that arrives. Rejects when there is none in time, or when it is too long. */
function readLine(socket: Socket, requestMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error('no request in time')), requestMs);
    socket.on('close', () => {
      clearTimeout(timer);
      reject(new Error('the client has gone away'));
    });
    const take = (bytes: string) => {
      text += bytes;
      const end = text.indexOf('\n');
      if (end < 0 && text.length < controlRequestBytesMax) return;
      clearTimeout(timer);
      // What else comes is dropped.
      socket.off('data', take);
      socket.resume();
      if (end < 0 || end >= controlRequestBytesMax) {
        reject(new Error(`a request has no more than ${controlRequestBytesMax} bytes`));
      } else {
        resolve(text.slice(0, end));
      }
    };
    socket.on('data', take);
  });
}

/** Says what an order did, for the log. */
function orderText({ order, filter }: ControlRequest, { recipients, messages }: Affected): string {
  const asked = isEverything(filter) ? 'all' : printable(asciiJson(filter));
  return `control: order=${order} recipients=${recipients} messages=${messages} filter=${asked}`;
}

/** The caller of this holds the queue's lock. Rejects when the socket cannot be made. */
export function listenControl(options: ControlListenerOptions): Promise<ControlListener> {
  const { directory, store, steer, now, log, times = controlTimes } = options;
  const path = controlPath(directory);
  const running = new Set<Promise<void>>();
  const sockets = new Set<Socket>();

  /** What waits is made due by the sender itself when all of it is meant, which takes far fewer steps. */
  async function carry(order: SteeringOrder, steering: SteeringOptions, meant: Affected): Promise<Affected> {
    if (order.order !== 'retry' || !isEverything(order.filter)) return carryOut(order, steer, steering);
    // All that are meant are due when it has come to its end; those that were before count too, as in single orders.
    await options.retryNow();
    return meant;
  }

  async function serve(socket: Socket): Promise<void> {
    const gone = new AbortController();
    socket.on('close', () => gone.abort(new Error('the client has gone away')));
    const answer = (value: ControlAnswer) => {
      if (socket.writable) socket.write(`${asciiJson(value)}\n`, 'latin1');
    };
    let request: ControlRequest;
    try {
      request = parseControlRequest(await readLine(socket, times.requestMs));
    } catch (error) {
      answer({ answer: 'refused', text: byteStringOf(errorText(error)) });
      return;
    }
    const working = setInterval(() => answer({ answer: 'working' }), times.workingMs);
    const { order, filter, report, dryRun } = request;
    const steering = { queue: store, signal: gone.signal };
    const steeringOrder = { order, filter, report, nowMs: now() };
    try {
      const meant = await countMeant(steeringOrder, steering);
      answer({ answer: 'count', ...meant });
      if (dryRun) return;
      const changed = await carry(steeringOrder, steering, meant);
      log(orderText(request, changed));
      answer({ answer: 'done', ...changed });
    } catch (error) {
      if (!dryRun) log(`control: order=${order} was not carried out to its end: ${errorText(error)}`);
      answer({ answer: 'failed', text: byteStringOf(errorText(error)) });
    } finally {
      clearInterval(working);
    }
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setEncoding('latin1');
    // The end of the connection follows, and is all that matters.
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    const served = serve(socket).finally(() => {
      running.delete(served);
      socket.end();
    });
    running.add(served);
  });
  server.maxConnections = connectionsMax;

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Whoever holds the queue's lock is alone: a socket that is here is a dead process's.
    rmSync(path, { force: true });
    // The socket is made within the call: nobody else could connect before its mode is set.
    const umask = process.umask(0o777 & ~socketMode);
    server.listen(path, () => {
      chmodSync(path, socketMode);
      resolve({
        async close() {
          const closed = new Promise((done) => server.close(done));
          for (const socket of sockets) socket.destroy();
          await Promise.all([closed, ...running]);
        },
      });
    });
    process.umask(umask);
  });
}
