/** What the tests of a hub do with it, over the network and from its own host. */
import { deepStrictEqual } from 'node:assert/strict';
import { chownSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { TestContext } from 'node:test';
import { holdLock, type LockHolder } from './hold-lock.ts';
import { type Hub, type HubOptions, startHub } from './hub.ts';
import { hubHome, hubUser, isRoot } from './hub-home.ts';
import { qmqpPeer, qmqpRequest } from './qmqp-peer.ts';
import { runProgram } from './run-program.ts';
import { until } from './until.ts';

/** Why a test with ::1 cannot run here, or false. */
export const ipv6Missing: string | false = Object.values(networkInterfaces())
  .flat()
  .some((entry) => entry?.address === '::1')
  ? false
  : 'this machine has no ::1';

/** A hub that is stopped when the test ends. */
export async function hubFor(context: TestContext, options: HubOptions = {}): Promise<Hub> {
  const hub = await startHub(options);
  context.after(() => hub.stop());
  return hub;
}

/** Port and host of one of the addresses that a hub listens on. */
function place(address: string): { readonly port: number; readonly host: string } {
  const colon = address.lastIndexOf(':');
  return { port: Number(address.slice(colon + 1)), host: address.slice(0, colon).replaceAll(/[[\]]/g, '') };
}

export const plainMessage = 'Subject: q\n\nbody\n';

/** Submits over QMQP; resolves with the reply. */
export async function sendTo(address = '', recipient = '', message = plainMessage): Promise<string> {
  const { port, host } = place(address);
  const peer = await qmqpPeer(port, host);
  peer.send(qmqpRequest(message, 's@x', recipient));
  return await peer.reply;
}

/** Resolves when nobody listens there any more. */
export async function endOfListening(address = ''): Promise<void> {
  const { port, host } = place(address);
  await until(`the end of listening on ${address}`, () =>
    qmqpPeer(port, host).then(
      ({ socket }) => void socket.destroy(),
      () => true,
    ),
  );
}

/** Submits as a program of this host; resolves when it is queued. */
export async function queueAt(home: string, recipient: string): Promise<void> {
  const ended = await runProgram({
    program: 'qmail-queue',
    stdin: plainMessage,
    envelope: `Fs@x\0T${recipient}\0\0`,
    env: { QMAILHOME: home },
  });
  deepStrictEqual(ended, { exit: 0, stdout: '', stderr: '' });
}

export interface LockedHub {
  readonly hub: Hub;
  readonly mailbox: string;
  readonly lock: LockHolder;
}

/** A hub whose first delivery waits for an mbox that somebody else has locked. */
export async function lockedHub(context: TestContext): Promise<LockedHub> {
  const { uid, gid } = hubUser();
  const home = hubHome();
  const mailbox = `${home}/home/Mailbox`;
  writeFileSync(mailbox, '', { mode: 0o600 });
  if (isRoot) chownSync(mailbox, uid, gid);
  const lock = await holdLock(mailbox);
  const hub = await hubFor(context, { home, delivery: './Mailbox' });
  await queueAt(home, 'you@hub.test');
  await hub.line(/^starting delivery 1: /);
  return { hub, mailbox, lock };
}
