/**
 * Satellites that are killed while their message is on its way. The hub takes a message whole or not at all; what a
 * satellite has reported as sent is in the Maildir.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import {
  emptyQueue,
  localAddress,
  portOf,
  satelliteHome,
  startBuiltHub,
  startSatellite,
} from '../support/built-hub.ts';
import { numberedMessage, numberOf } from '../support/numbered-message.ts';
import { startRelay } from '../support/relay.ts';
import { until } from '../support/until.ts';

export interface KilledSatellites {
  readonly kills: number;
  /** How many run at the same time. */
  readonly satellites: number;
}

const envelope = `Fsender@satellite.test\0T${localAddress}\0\0`;

const drainMsMax = 60_000;

/** After how many bytes of a request its satellite is killed: anywhere in it, or just behind it. */
function killBytes(requestBytes: number): number {
  return Math.floor(Math.random() * 1.5 * requestBytes);
}

export async function killedSatellites(context: TestContext, load: KilledSatellites): Promise<void> {
  const hub = await startBuiltHub();
  let started = 0;
  let killed = 0;
  const reported: number[] = [];

  async function submit(number: number): Promise<void> {
    const { text } = numberedMessage(number);
    let leftBytes = killBytes(text.length);
    const relay = await startRelay(portOf(hub), () => ({
      request(bytes) {
        leftBytes -= bytes.length;
        if (leftBytes >= 0) return undefined;
        satellite.child.kill('SIGKILL');
        return bytes.length + leftBytes;
      },
      reply() {
        // The hub has taken the message, and its satellite never hears of it.
        if (number % 2 === 0) satellite.child.kill('SIGKILL');
        return undefined;
      },
    }));
    const home = satelliteHome(`127.0.0.1:${relay.port}`);
    const satellite = startSatellite({ home, program: 'qmail-qmqpc', envelope });
    satellite.child.stdin?.end(text, 'latin1');
    const { exit, stderr } = await satellite.ended;
    await until('the end of the connection', () => relay.idle || undefined);
    relay.close();
    if (exit === null) {
      killed += 1;
    } else {
      assert.equal(exit, 0, stderr);
      reported.push(number);
    }
  }

  async function work(): Promise<void> {
    while (killed < load.kills) {
      started += 1;
      await submit(started);
    }
  }
  await Promise.all(Array.from({ length: load.satellites }, work));
  // That it becomes empty says also that nothing is left of what came by halves.
  await emptyQueue(hub.home, drainMsMax);
  assert.equal(await hub.stop(), 0);

  const delivered = hub.delivered().map((path) => numberOf(readFileSync(path, 'latin1')));
  assert.equal(new Set(delivered).size, delivered.length, 'a message was delivered twice');
  assert.deepEqual(
    reported.filter((number) => !delivered.includes(number)),
    [],
  );
  context.diagnostic(
    `${started} satellites, ${killed} of them killed, ${reported.length} reported success; ${delivered.length} messages were taken whole, none by halves`,
  );
}
