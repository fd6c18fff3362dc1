/**
 * One message to thousands of recipients in one session: all of them are in the queue and are tried, each once, and the
 * list never fills the memory of the hub.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { openReader, storePath } from '../../src/queue/index.ts';
import { portOf, startBuiltHub } from '../support/built-hub.ts';
import { qmqpRequest, submitRequest } from '../support/qmqp-peer.ts';
import { until } from '../support/until.ts';

export interface ManyRecipients {
  /** On this hub. */
  readonly local: number;
  /** Elsewhere, where nobody answers. */
  readonly remote: number;
}

/** By how much the peak may exceed the one after a message to two. */
export const growthBytesMax = 50_000_000;

const timeoutMs = 300_000;

const remoteDomains = 500;

function localName(number: number): string {
  return `local-${number}@hub.test`;
}

function remoteName(number: number): string {
  return `remote-${number}@host${number % remoteDomains}.elsewhere.test`;
}

/** The peak of a process's resident size up to now, in bytes. */
function peakBytes(pid: number): number {
  const [, kibibytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  assert.ok(kibibytes, `process ${pid} has no VmHWM`);
  return Number(kibibytes) * 1024;
}

/** Whom the files in the Maildir were delivered to. */
function deliveredTo(paths: readonly string[]): readonly string[] {
  return paths.map((path) => /^Delivered-To: (.*)$/m.exec(readFileSync(path, 'latin1'))?.[1] ?? path);
}

export async function manyRecipients(context: TestContext, { local, remote }: ManyRecipients): Promise<void> {
  const hub = await startBuiltHub();
  const reader = openReader(storePath(`${hub.home}/queue`));
  const submit = (name: string, recipients: readonly string[]) =>
    submitRequest(
      portOf(hub),
      qmqpRequest(`Message-ID: <${name}@list.test>\n\n${name}\n`, 'list@hub.test', ...recipients),
    );
  // Everybody has been tried, or waits until a crowded destination has room.
  const noneIsFresh = () => (reader.counts().fresh === 0 ? true : undefined);
  try {
    await submit('small', [localName(local), remoteName(remote)]);
    await until('the first attempts of a small message', noneIsFresh, timeoutMs);
    await hub.count(/^delivery \d+: success/, 1);
    const before = peakBytes(hub.pid);
    const locals = Array.from({ length: local }, (_, number) => localName(number));
    const remotes = Array.from({ length: remote }, (_, number) => remoteName(number));
    // In turn, as far as there are both.
    const recipients = locals.flatMap((name, number) => [name, ...remotes.slice(number, number + 1)]);
    const reply = await submit('large', [...recipients, ...remotes.slice(local)]);
    assert.match(reply, /^\d+:Kok /);
    const accepted = peakBytes(hub.pid) - before;
    await until('the first attempts of a large message', noneIsFresh, timeoutMs);
    await hub.count(/^delivery \d+: success/, local + 1);
    const growth = peakBytes(hub.pid) - before;
    context.diagnostic(`grown by ${accepted / 1e6} MB when it was accepted, by ${growth / 1e6} MB in all`);
    assert.ok(growth <= growthBytesMax, `the hub has grown by ${growth} bytes`);

    // What was delivered is recorded before long.
    await until('the records', () => (reader.counts().waiting === remote + 1 ? true : undefined), timeoutMs);
    const waiting = [...reader.messages()].flatMap(({ id }) =>
      [...reader.recipients(id)].map(({ address }) => address),
    );
    assert.deepEqual(waiting.toSorted(), [...remotes, remoteName(remote)].toSorted());
    assert.deepEqual(deliveredTo(hub.delivered()).toSorted(), [...locals, localName(local)].toSorted());
  } finally {
    reader.close();
    assert.equal(await hub.stop(), 0);
  }
}
