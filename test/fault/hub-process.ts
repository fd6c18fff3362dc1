/**
 * A hub in a process of its own, wired as qmail-start --embedded wires it, that is told over IPC what to do. One
 * process can have several hubs, one after the other.
 */
import { flushCompileCache } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { startEmbeddedHub } from '../../src/programs/embedded-hub.ts';
import type { Hub } from '../../src/programs/hub.ts';
import { classicLines, type SendEvent } from '../../src/send/index.ts';
import { byteStringOf, errorText } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import type { HubCall, HubReply, HubRequest } from './hub-messages.ts';

/** What has not come to its end after this time waits for its turn, and is made due. */
const nudgeMs = 100;

const pollMs = 3;

/** Bounces that could not be written are tried again after a second, and records after some. */
const drainMsMax = 20_000;

// What this process starts sees the disk as it is.
delete process.env['LD_PRELOAD'];

let hub: Hub | undefined;
let lines: string[] = [];
let deadly = '';

function say(reply: HubReply): void {
  process.send?.(reply);
}

function report(event: SendEvent): void {
  if (event.event === deadly) process.kill(process.pid, 'SIGKILL');
  lines.push(...classicLines(event, () => '0'));
}

function opened(): Hub {
  if (hub === undefined) throw new Error('no hub runs here');
  return hub;
}

async function open(home: string, delivery: string): Promise<number> {
  lines = [];
  const system = nodeSystem([]);
  hub = await startEmbeddedHub({
    system: { ...system, env: (name) => (name === 'QMAILHOME' ? byteStringOf(home) : undefined) },
    home: byteStringOf(home),
    mailHome: byteStringOf(`${home}/home`),
    delivery,
    listen: [{ address: '127.0.0.1', port: 0 }],
    report,
    onLost: (error) => say({ lost: errorText(error) }),
  });
  return hub.addresses[0]?.port ?? 0;
}

/** What the store cannot tell now, as on a disk with errors, is asked again. */
function countLeft(): number {
  try {
    const { messages, incoming } = opened().store.counts();
    return messages + incoming;
  } catch {
    return Number.NaN;
  }
}

async function drain(left: number): Promise<number> {
  const startMs = performance.now();
  let nudgedMs = startMs;
  for (;;) {
    const count = countLeft();
    const nowMs = performance.now();
    if (count === left) return count;
    if (nowMs > startMs + drainMsMax) throw new Error(`${count} messages are left:\n${lines.join('\n')}`);
    if (nowMs > nudgedMs + nudgeMs) {
      nudgedMs = nowMs;
      opened().retryNow();
    }
    await pause(pollMs);
  }
}

async function answer(request: HubRequest): Promise<number | readonly string[]> {
  switch (request.kind) {
    case 'open':
      return open(request.home, request.delivery);
    case 'drain':
      return drain(request.left);
    case 'reload':
      opened().reload();
      return 0;
    case 'stop':
      await opened().stop();
      hub = undefined;
      // For the next process, which this one may not live to see.
      flushCompileCache();
      return 0;
    case 'dieAt':
      deadly = request.event;
      return 0;
    case 'lines':
      return lines;
  }
}

process.umask(0o077);
process.on('disconnect', () => process.exit());
process.on('message', ({ number, request }: HubCall) => {
  answer(request).then(
    (value) => say({ number, value }),
    (error: unknown) => say({ number, problem: errorText(error) }),
  );
});
