/**
 * Satellites with a spool while everything around them goes wrong: hubs are stopped, started and killed, say Z, close
 * before the reply and reset; senders and flushes are killed. Each message that sendmail has accepted must be taken by
 * the hubs exactly once, and no other more than once.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openReader, storePath } from '../../src/queue/index.ts';
import { localAddress, portOf, startBuiltHub, startSatellite } from '../support/built-hub.ts';
import { temporaryHome } from '../support/home.ts';
import { hubControls, hubHome } from '../support/hub-home.ts';
import { type Fate, type UnsteadyHub, unsteadyHub } from '../support/unsteady-hub.ts';

export interface SpooledMessages {
  readonly messages: number;
  readonly senders: number;
  readonly hubs: number;
}

/** One in so many senders, and one in so many flushes, is killed. */
const killSenderEvery = 10;
const killFlushEvery = 4;

const killMsMax = 150;
const hubUpMsMax = 1500;
const hubDownMsMax = 400;
const flushPauseMs = 200;

interface Site {
  readonly home: string;
  readonly hubs: readonly { readonly home: string; readonly place: UnsteadyHub }[];
  readonly accepted: Set<number>;
  /** No hub misbehaves any more, and none is killed. */
  isCalm: boolean;
  killedSenders: number;
  killedFlushes: number;
  killedHubs: number;
}

function fateOf(site: { isCalm: boolean }): Fate {
  const dice = Math.random();
  if (site.isCalm || dice < 0.5) return 'whole';
  if (dice < 0.6) return 'gone';
  if (dice < 0.75) return 'later';
  return dice < 0.9 ? 'unsaid' : 'reset';
}

/** Starts a hub and ends it, by a signal that it can obey or by one that it cannot, until all is calm. */
async function unsteady(site: Site, { home, place }: Site['hubs'][number]): Promise<() => Promise<unknown>> {
  for (;;) {
    const hub = await startBuiltHub({ home });
    place.upstreamPort = portOf(hub);
    for (let left = Math.random() * hubUpMsMax; left > 0 && !site.isCalm; left -= 50) await pause(50);
    if (site.isCalm) return () => hub.stop();
    place.upstreamPort = 0;
    const isKilled = Math.random() < 0.5;
    if (isKilled) site.killedHubs += 1;
    hub.signal(isKilled ? 'SIGKILL' : 'SIGTERM');
    await hub.ended;
    await pause(Math.random() * hubDownMsMax);
  }
}

async function sendOne(site: Site, number: number): Promise<void> {
  const args = ['-f', 'sender@satellite.test', localAddress];
  const { child, ended } = startSatellite({ home: site.home, program: 'sendmail', args });
  child.stdin?.end(`Message-ID: <${number}@satellite.test>\nSubject: ${number}\n\n${'text\n'.repeat(100)}`);
  if (number % killSenderEvery === 0) {
    site.killedSenders += 1;
    setTimeout(() => child.kill('SIGKILL'), Math.random() * killMsMax);
  }
  if ((await ended).exit === 0) site.accepted.add(number);
}

async function flushes(site: Site, isDone: () => boolean): Promise<void> {
  for (let count = 1; !isDone(); count += 1) {
    const { child, ended } = startSatellite({
      home: site.home,
      program: 'qmail-flush',
      args: ['--parallel', '8', ...(count % 2 === 0 ? ['--now'] : [])],
    });
    if (count % killFlushEvery === 0) {
      site.killedFlushes += 1;
      setTimeout(() => child.kill('SIGKILL'), Math.random() * killMsMax);
    }
    await ended;
    await pause(flushPauseMs);
  }
}

/** How often each message is in the queues of the hubs. */
function taken(site: Site): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { home } of site.hubs) {
    const reader = openReader(storePath(`${home}/queue`));
    for (const { headerMessageId } of reader.messages()) {
      const number = Number(/<?(\d+)@/.exec(headerMessageId)?.[1]);
      counts.set(number, (counts.get(number) ?? 0) + 1);
    }
    reader.close();
  }
  return counts;
}

export async function spooledMessages(context: TestContext, load: SpooledMessages): Promise<void> {
  const state = { isCalm: false };
  const hubs: { home: string; place: UnsteadyHub }[] = [];
  for (let count = 0; count < load.hubs; count += 1) {
    // Nothing is delivered: what a hub has taken stays in its queue, where it can be counted.
    const home = hubHome({ ...hubControls, concurrencylocal: '0\n' });
    hubs.push({ home, place: await unsteadyHub(() => fateOf(state)) });
  }
  const home = temporaryHome({
    me: 'satellite.test\n',
    spool: 'spool\n',
    qmqpservers: hubs.map(({ place }) => `${place.text}\n`).join(''),
    qmqpshuffle: '1\n',
    timeoutremote: '5\n',
  });
  const site: Site = Object.assign(state, {
    home,
    hubs,
    accepted: new Set<number>(),
    killedSenders: 0,
    killedFlushes: 0,
    killedHubs: 0,
  });

  const stops = hubs.map((hub) => unsteady(site, hub));
  let started = 0;
  let sending = true;
  const senders = Array.from({ length: load.senders }, async () => {
    while (started < load.messages) {
      started += 1;
      await sendOne(site, started);
    }
  });
  const flushing = [flushes(site, () => !sending), flushes(site, () => !sending)];
  await Promise.all(senders);
  sending = false;
  await Promise.all(flushing);
  site.isCalm = true;
  const ends = await Promise.all(stops);
  const last = startSatellite({ home, program: 'qmail-flush', args: ['--now', '--wait', '60s'] });
  const { exit, stderr } = await last.ended;
  assert.equal(exit, 0, stderr);

  const counts = taken(site);
  await Promise.all(ends.map((end) => end()));
  const lost = [...site.accepted].filter((number) => !counts.has(number));
  const twice = [...counts].filter(([, count]) => count > 1);
  assert.deepEqual(lost, [], `${lost.length} accepted messages are lost`);
  assert.deepEqual(twice, [], `${twice.length} messages were taken more than once`);
  const fates = hubs.map(({ place }) => JSON.stringify(place.fates)).join(' ');
  context.diagnostic(
    `${site.accepted.size} of ${load.messages} messages accepted, each taken once; killed: ${site.killedSenders} senders, ` +
      `${site.killedFlushes} flushes, ${site.killedHubs} hubs; connections ${fates}`,
  );
}
