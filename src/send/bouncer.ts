/**
 * Tells the sender of a message that some of its recipients have failed. The bounce is written into the store piece by
 * piece, and the failed message goes in the moment in which the bounce is in: a crash neither loses nor repeats one.
 */
import { randomBytes } from 'node:crypto';
import type { Control } from '../control/index.ts';
import { type Failure, formatBounce, formatTimestamp, type MessageBody } from '../mail/index.ts';
import { counters } from '../process/index.ts';
import type { IncomingMessage, QueuedMessage, Store } from '../queue/index.ts';
import { type ByteString, errorText } from '../system/index.ts';
import type { Report } from './event.ts';
import { route, withoutPrefix } from './route.ts';
import type { Routes } from './routes.ts';
import { bounceRecipient } from './verp.ts';

export interface BounceSettings {
  readonly me: ByteString;
  readonly bounceFrom: ByteString;
  readonly bounceHost: ByteString;
  /** The address that bounces of bounces go to. */
  readonly doubleBounceTo: ByteString;
  /** The original is returned whole up to this size, and its header of a larger one; 0 for no limit. */
  readonly bounceMaxBytes: number;
  readonly routes: Routes;
}

export const bounceMaxBytesDefault = 65_536;

export function readBounceSettings(control: Control, routes: Routes): BounceSettings {
  const me = control.lineOrMe('me');
  const doubleBounceTo = control.line('doublebounceto') ?? 'postmaster';
  return {
    me,
    bounceFrom: control.line('bouncefrom') ?? 'MAILER-DAEMON',
    bounceHost: control.lineOrMe('bouncehost'),
    doubleBounceTo: `${doubleBounceTo}@${control.lineOrMe('doublebouncehost')}`,
    bounceMaxBytes: control.number('bouncemaxbytes', bounceMaxBytesDefault),
    routes,
  };
}

const bounces = counters(
  'mini_qmail_bounces_total',
  'Bounces: single, of a bounce (double), and of a double bounce (triple), which is dropped.',
  { kind: ['single', 'double', 'triple'] },
);

/** The sender of a bounce's bounce, which is bounced no more. */
const doubleBounceSender = '#@[]';

/** How long a bounce is worked on before others have their turn. */
const turnMs = 10;

const boundaryBytes = 18;

export interface BouncerOptions {
  readonly store: Pick<Store, 'recipients' | 'body' | 'beginBounce' | 'discard'>;
  readonly settings: () => BounceSettings;
  readonly report: Report;
  readonly now: () => number;
}

interface Reading {
  readonly body: MessageBody;
  /** Why reading has failed, when it has. */
  readonly damage: string | undefined;
}

function watch(body: MessageBody): Reading {
  let damage: string | undefined;
  return {
    get damage() {
      return damage;
    },
    body: {
      sizeBytes: body.sizeBytes,
      *chunks() {
        try {
          yield* body.chunks();
        } catch (error) {
          damage = errorText(error);
          throw error;
        }
      },
    },
  };
}

async function writeInTurns(incoming: IncomingMessage, pieces: Iterable<Uint8Array>): Promise<void> {
  let turnEndsMs = performance.now() + turnMs;
  for (const piece of pieces) {
    await incoming.write(piece);
    if (performance.now() < turnEndsMs) continue;
    await new Promise(setImmediate);
    turnEndsMs = performance.now() + turnMs;
  }
}

/** Writes the bounce of a message whose recipients are done or have failed. Rejects when that is not possible now. */
export type Bouncer = (message: QueuedMessage) => Promise<void>;

export function createBouncer({ store, settings, report, now }: BouncerOptions): Bouncer {
  /** Messages that could not be read when they were to be bounced for the first time. */
  const damaged = new Set<number>();

  function* failures({ id }: QueuedMessage, routes: Routes): Iterable<Failure> {
    for (const recipient of store.recipients(id)) {
      if (recipient.state !== 'failed') continue;
      const address = withoutPrefix(routes, route(routes, recipient.address).address);
      yield { address, report: recipient.report, triedMs: recipient.triedMs };
    }
  }

  /** Answers the number of the bounce. `sender`: the message's, without the mark of variable return paths. */
  async function write(
    message: QueuedMessage,
    sender: ByteString,
    original: MessageBody | undefined,
  ): Promise<number> {
    const { me, bounceFrom, bounceHost, doubleBounceTo, bounceMaxBytes, routes } = settings();
    const isDouble = sender === '';
    const to = isDouble ? doubleBounceTo : sender;
    const nowMs = now();
    const incoming = store.beginBounce(message);
    const pieces = formatBounce({
      host: me,
      from: `${bounceFrom}@${bounceHost}`,
      to,
      isDouble,
      messageId: `<${formatTimestamp(nowMs)}.${incoming.id}.bounce@${me}>`,
      boundary: `=_${randomBytes(boundaryBytes).toString('hex')}`,
      nowMs,
      sender,
      arrivedMs: message.birthMs,
      original,
      originalBytesMax: bounceMaxBytes,
      failures: () => failures(message, routes),
    });
    try {
      await writeInTurns(incoming, pieces);
      const envelope = { sender: isDouble ? doubleBounceSender : '', recipients: [to] };
      const { verdict, text } = await incoming.commit(envelope);
      if (verdict !== 'K') throw new Error(text);
    } catch (error) {
      incoming.abort();
      throw error;
    }
    return incoming.id;
  }

  /**
   * A message that has lost bytes is bounced without them, since its sender has to be told all the same; but only at
   * the second try, for it may have been the moment.
   */
  async function writeAnyhow(message: QueuedMessage, sender: ByteString): Promise<number> {
    const { id } = message;
    const reading = watch(store.body(message));
    try {
      return await write(message, sender, reading.body);
    } catch (error) {
      if (reading.damage === undefined) throw error;
      if (!damaged.delete(id)) {
        damaged.add(id);
        throw error;
      }
      report({ event: 'warning', text: `msg ${id} is bounced without its content: ${reading.damage}` });
      return await write(message, sender, undefined);
    }
  }

  return async (message) => {
    const sender = bounceRecipient(message.sender);
    if (sender === doubleBounceSender) {
      await store.discard(message);
      bounces.with({ kind: 'triple' }).add();
      report({ event: 'triple-bounce', message });
    } else {
      const qp = await writeAnyhow(message, sender);
      bounces.with({ kind: sender === '' ? 'double' : 'single' }).add();
      report({ event: 'bounce', message, qp });
    }
    report({ event: 'end', message });
  };
}
