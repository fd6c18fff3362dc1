/** One large message from a satellite's descriptor 0 to the hub's Maildir: it arrives whole, and memory stays flat. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, rmSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { localAddress, portOf, satelliteHome, startBuiltHub, startSatellite } from '../support/built-hub.ts';
import { peakBytes } from '../support/measure.ts';
import { startRelay } from '../support/relay.ts';
import { until } from '../support/until.ts';

const megabyte = 1_000_000;

/** By how much the peak of each process may exceed the one for a message of 1 kB. */
const growthBytesMax = 30 * megabyte;

const smallBytes = 1000;

const deliveryMsMax = 120_000;

const blockBytes = 65536;

/** Writes a header and then so many bytes of all kinds, no block like another. Answers the hash of these. */
async function writeMessage(into: Writable, subject: string, sizeBytes: number): Promise<string> {
  const hash = createHash('sha256');
  const block = randomBytes(blockBytes);
  into.write(`Subject: ${subject}\n\n`);
  for (let start = 0; start < sizeBytes; start += blockBytes) {
    // The stream may still hold the block before.
    const bytes = Buffer.from(block);
    bytes.writeUInt32BE(start / blockBytes);
    const part = bytes.subarray(0, sizeBytes - start);
    hash.update(part);
    if (!into.write(part)) await once(into, 'drain');
  }
  // qmail-inject completes a last line that has no end.
  hash.update('\n');
  into.end('\n');
  return hash.digest('hex');
}

/** The hash of a delivered message's body. */
async function hashOfDelivered(path: string): Promise<string> {
  const hash = createHash('sha256');
  const file: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: blockBytes });
  let inBody = false;
  for await (const bytes of file) {
    const start = inBody ? 0 : bytes.indexOf('\n\n') + 2;
    inBody = true;
    hash.update(bytes.subarray(start));
  }
  return hash.digest('hex');
}

/** The peaks are those of the satellite's sendmail, while it waits for the reply, and of the hub, after the delivery. */
export async function largeMessage(context: TestContext, sizeBytes: number): Promise<void> {
  const hub = await startBuiltHub();
  let satellitePid = 0;
  let satellitePeak = 0;
  const relay = await startRelay(portOf(hub), () => ({
    // Until the reply has passed, the satellite waits, and its peak can be read.
    reply: () => {
      satellitePeak = peakBytes(satellitePid);
      return undefined;
    },
  }));
  const home = satelliteHome(`127.0.0.1:${relay.port}`);

  async function send(subject: string, messageBytes: number): Promise<{ satellite: number; hub: number }> {
    satellitePeak = 0;
    const args = ['-i', '-f', 'sender@satellite.test', localAddress];
    const { child, ended } = startSatellite({ home, program: 'sendmail', args });
    satellitePid = child.pid ?? 0;
    assert.ok(child.stdin);
    const [hash, { exit, stderr }] = await Promise.all([
      writeMessage(child.stdin, subject, messageBytes),
      ended,
    ]);
    assert.equal(exit, 0, stderr);
    assert.ok(satellitePeak > 0);
    const path = await until(`${subject} in the Maildir`, () => hub.delivered()[0], deliveryMsMax);
    await hub.line(/^end msg/);
    assert.equal(await hashOfDelivered(path), hash);
    rmSync(path);
    return { satellite: satellitePeak, hub: peakBytes(hub.pid) };
  }

  const small = await send('small', smallBytes);
  const large = await send('large', sizeBytes);
  for (const name of ['satellite', 'hub'] as const) {
    const growth = large[name] - small[name];
    const text = `${name}: ${(large[name] / megabyte).toFixed(1)} MB at its peak, ${(growth / megabyte).toFixed(1)} MB over that for a small message`;
    context.diagnostic(text);
    assert.ok(growth < growthBytesMax, text);
  }
  assert.equal(await hub.stop(), 0);
}
