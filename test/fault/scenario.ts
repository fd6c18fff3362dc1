/**
 * A hub's day in short: deliveries to a Maildir and to an mbox, a message in several chunks, one of whose recipients
 * one fails, its bounce, a deferral, a submission that comes twice, and two starts and stops. Somebody submits as a
 * good client does: what was refused for now is brought again, until it has a K.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { qmqpRequest, submitRequest } from '../support/qmqp-peer.ts';
import { HubEnded, type HubProcess } from './hub-client.ts';
import {
  allMails,
  author,
  bounceId,
  controls,
  laterLocals,
  loopingRecipient,
  type Mail,
  mails,
} from './mails.ts';
import { deliveredIn, keyOf, type QueuedTrace, queuedIn, type Trace } from './traces.ts';

/** What was said to those who brought mail, and to the operator. */
export interface Told {
  /** Message-IDs of what got a K. */
  readonly accepted: Set<string>;
  /** Replies that refused. */
  readonly refusals: string[];
  /** Why a hub did not start. */
  readonly problems: string[];
}

export const toldNothing = (): Told => ({ accepted: new Set(), refusals: [], problems: [] });

const attemptsMax = 200;
const retryMs = 10;

/** How long a process that has broken off a connection may take to be gone. */
const endMsMax = 5000;

export function makeHome(home: string): void {
  const directories = ['', '/control', '/home', '/home/Maildir', '/home/Maildir/tmp', '/home/Maildir/new'];
  for (const name of directories) mkdirSync(`${home}${name}`, { mode: 0o700 });
  for (const [name, text] of Object.entries(controls)) writeFileSync(`${home}/control/${name}`, text);
}

/** Starts a hub, as often as it takes: whatever keeps it from starting is told, and harms nothing. */
async function open(hub: HubProcess, home: string, delivery: string, told: Told): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await hub.open(home, delivery);
    } catch (error) {
      if (error instanceof HubEnded || attempt === attemptsMax) throw error;
      told.problems.push((error as Error).message);
    }
    await pause(retryMs);
  }
}

export async function replyTo(
  hub: HubProcess,
  port: number,
  { sender, recipients, text }: Mail,
): Promise<string> {
  const reply = await submitRequest(port, qmqpRequest(text, sender, ...recipients)).catch(() => '');
  if (reply !== '') return reply;
  const ended = await Promise.race([hub.ended, pause(endMsMax, undefined, { ref: false })]);
  assert.ok(ended !== undefined, 'a submission got no answer from a hub that runs');
  throw new HubEnded(`${ended}`);
}

/** Submits until there is a K. */
export async function bring(hub: HubProcess, port: number, mail: Mail, told: Told): Promise<void> {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const reply = await replyTo(hub, port, mail);
    if (/^\d+:K.*,$/.test(reply)) {
      told.accepted.add(mail.id);
      return;
    }
    assert.match(reply, /^\d+:Z.+\(#4\.3\.0\).*,$/);
    told.refusals.push(reply);
    await pause(retryMs);
  }
  assert.fail(`${mail.id} is still refused: ${told.refusals.at(-1)}`);
}

/** Everything, from the first start to the last stop. Rejects with HubEnded when the process ends before. */
export async function play(hub: HubProcess, home: string, told: Told): Promise<void> {
  const port = await open(hub, home, './Maildir/', told);
  for (const mail of [mails.plain, mails.large, mails.mixed]) {
    await bring(hub, port, mail, told);
    await hub.drain(0);
  }
  await bring(hub, port, mails.waits, told);
  await hub.drain(1);
  writeFileSync(`${home}/control/locals`, laterLocals);
  await hub.reload();
  await hub.drain(0);
  await bring(hub, port, mails.plain, told);
  await hub.stop();
  const again = await open(hub, home, './Mailbox', told);
  await bring(hub, again, mails.boxed, told);
  await hub.drain(0);
  await hub.stop();
}

/** What may be there twice: it had been delivered, and that was not recorded, when the process ended. */
export type Doubles = ReadonlySet<string>;

/** Looks at what a process left that has ended: of what got a K, each recipient is in one state, and none is lost. */
export function lookAfterEnd(home: string, told: Told): Doubles {
  const delivered = deliveredIn(home, true);
  // Without a K there need not even be a queue.
  if (told.accepted.size === 0) return doublesIn(delivered, queuedOrNothing(home));
  const queued = queuedIn(home);
  const keys = queued.map(keyOf);
  assert.equal(new Set(keys).size, keys.length, 'a recipient is in the queue once');
  const isSomewhere = (one: Trace) => [...queued, ...delivered].some((other) => keyOf(other) === keyOf(one));
  const bounces = [...queued, ...delivered].filter(({ id }) => bounceId.test(id));
  for (const { id, recipients } of allMails.filter((mail) => told.accepted.has(mail.id))) {
    for (const recipient of recipients) {
      const hasBounced = recipient === loopingRecipient && bounces.length > 0;
      assert.notEqual(
        isSomewhere({ id, recipient }),
        hasBounced,
        `${keyOf({ id, recipient })} is in one state`,
      );
    }
  }
  return doublesIn(delivered, queued);
}

function queuedOrNothing(home: string): readonly QueuedTrace[] {
  try {
    return queuedIn(home);
  } catch {
    return [];
  }
}

function doublesIn(delivered: readonly Trace[], queued: readonly QueuedTrace[]): Doubles {
  const waiting = new Set(queued.map(keyOf));
  return new Set(delivered.map(keyOf).filter((key) => waiting.has(key)));
}

/** Starts a hub where another has ended: it must finish what got a K, and then take the rest. */
export async function recover(hub: HubProcess, home: string, told: Told, doubles: Doubles): Promise<void> {
  writeFileSync(`${home}/control/locals`, laterLocals);
  // What was cut off in an mbox must not hide what comes after it.
  const delivery = existsSync(`${home}/home/Mailbox`) ? './Mailbox' : './Maildir/';
  const port = await open(hub, home, delivery, told);
  await hub.drain(0);
  const unanswered = allMails.filter(({ id }) => !told.accepted.has(id));
  const delivered = new Set(deliveredIn(home, true).map(keyOf));
  for (const { id, recipients } of allMails.filter((mail) => told.accepted.has(mail.id))) {
    for (const recipient of recipients.filter((one) => one !== loopingRecipient)) {
      assert.ok(delivered.has(keyOf({ id, recipient })), `${keyOf({ id, recipient })} is lost`);
    }
  }
  for (const mail of unanswered) {
    await bring(hub, port, mail, told);
    await hub.drain(0);
  }
  await hub.stop();
  lookAtTheEnd(home, told, { mayBeTwice: (key) => doubles.has(key), mayBeTorn: true });
}

/** What may be wrong with deliveries in the end, besides nothing. */
export interface Scars {
  /** Whether this may be there twice. */
  mayBeTwice(key: string): boolean;
  /** Whether the beginning of a message may be in the mbox. */
  readonly mayBeTorn: boolean;
}

export const noScars: Scars = { mayBeTwice: () => false, mayBeTorn: false };

/** Everything has come to its end, each of it once, or twice where that may be. */
export function lookAtTheEnd(home: string, told: Told, { mayBeTwice, mayBeTorn }: Scars): void {
  assert.equal(told.accepted.size, allMails.length);
  assert.deepEqual(queuedIn(home), []);
  const delivered = deliveredIn(home, mayBeTorn);
  const bounces = [...new Set(delivered.map(({ id }) => id))].filter((id) => bounceId.test(id));
  assert.equal(bounces.length, 1, `bounces: ${bounces.join(' ')}`);
  const expected = allMails.flatMap(({ id, recipients }) =>
    recipients.filter((one) => one !== loopingRecipient).map((recipient) => ({ id, recipient })),
  );
  const keys = [...expected, { id: bounces[0] ?? '', recipient: author }].map(keyOf);
  const copies = delivered.map(keyOf);
  for (const key of new Set(copies))
    if (mayBeTwice(key) && copies.filter((one) => one === key).length === 2) keys.push(key);
  assert.deepEqual(copies.sort(), keys.sort());
}
