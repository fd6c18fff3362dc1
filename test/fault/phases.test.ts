/**
 * Errors that last: nothing can be taken in, delivered, recorded or bounced, and then it can be again. Each is said
 * clearly, nothing is lost or done twice, and all goes on in the same process.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { holdLock, type LockHolder } from '../support/hold-lock.ts';
import { until } from '../support/until.ts';
import { type DiskError, type FaultyDisk, faultyDiskNeeds, makeFaultyDisk } from './faulty-disk.ts';
import { type HubProcess, startHubProcess } from './hub-client.ts';
import { type Mail, mails } from './mails.ts';
import { bring, lookAtTheEnd, makeHome, noScars, play, replyTo, type Told, toldNothing } from './scenario.ts';
import { deliveredIn, keyOf, queuedIn } from './traces.ts';

const errors: readonly (readonly [error: DiskError, said: RegExp])[] = [
  ['EIO', /i\/o error/i],
  ['ENOSPC', /disk is full|disk I\/O error|no space left on device/i],
];

/** Submissions that are refused one after the other. */
const refusals = 3;

interface Started {
  readonly disk: FaultyDisk;
  readonly hub: HubProcess;
  readonly home: string;
  readonly told: Told;
  readonly port: number;
  /** Resolves with the first line of the log that matches. */
  line(pattern: RegExp): Promise<string>;
  /** The disk is well: this hub ends, and another takes all the mail there is. Each of it must be there once. */
  goOn(): Promise<void>;
}

async function start(context: TestContext, delivery: string): Promise<Started> {
  const disk = makeFaultyDisk();
  const hub = startHubProcess(disk.env);
  context.after(() => hub.kill());
  const home = `${disk.directory}/home`;
  const told = toldNothing();
  makeHome(home);
  return {
    disk,
    hub,
    home,
    told,
    port: await hub.open(home, delivery),
    line: (pattern) =>
      until(String(pattern), async () => (await hub.lines()).find((text) => pattern.test(text))),
    async goOn() {
      await hub.drain(0);
      await hub.stop();
      await play(hub, home, told);
      deepStrictEqual(told.problems, []);
      lookAtTheEnd(home, told, noScars);
    },
  };
}

/** Submits to a hub whose deliveries wait for their mbox. */
async function bringLocked({ hub, home, port, told, line }: Started, mail: Mail): Promise<LockHolder> {
  writeFileSync(`${home}/home/Mailbox`, '', { mode: 0o600 });
  const lock = await holdLock(`${home}/home/Mailbox`);
  await bring(hub, port, mail, told);
  await line(/^starting delivery 1: /);
  return lock;
}

for (const [error, said] of errors) {
  describe(`${error} for a while`, faultyDiskNeeds, () => {
    test('while mail comes in: all of it is refused for now with the reason, then taken', async (context) => {
      const started = await start(context, './Maildir/');
      const { disk, hub, home, port, told } = started;
      disk.arm({ fault: 'fail', at: 1, lasting: true, error, only: '/queue/' });
      for (const mail of [mails.plain, mails.large, mails.mixed]) {
        for (let count = 0; count < refusals; count += 1) {
          const reply = await replyTo(hub, port, mail);
          match(reply, /^\d+:Zqq write error or disk full \(#4\.3\.0\): .+,$/);
          match(reply, said);
        }
      }
      deepStrictEqual(
        (await hub.lines()).filter((text) => text.startsWith('new msg')),
        [],
      );
      disk.mend();
      for (const mail of [mails.plain, mails.large, mails.mixed]) await bring(hub, port, mail, told);
      deepStrictEqual(told.refusals, []);
      await started.goOn();
      deepStrictEqual(queuedIn(home), []);
    });

    test('while a Maildir is delivered to: the message waits with the reason', async (context) => {
      const started = await start(context, './Maildir/');
      const { disk, hub, home, port, told, line } = started;
      disk.arm({ fault: 'fail', at: 1, lasting: true, error, only: '/home/Maildir/' });
      await bring(hub, port, mails.plain, told);
      const deferral = await line(/^delivery 1: deferral: Unable_to_deliver_to_maildir_\.\/Maildir\/:_/);
      match(deferral.replaceAll('_', ' '), said);
      await line(/^delivery 2: deferral: |^status: local 0\/10/);
      deepStrictEqual(readdirSync(`${home}/home/Maildir/new`), []);
      strictEqual(queuedIn(home).length, 1);
      disk.mend();
      await started.goOn();
    });

    test('while an mbox is delivered to: the message waits with the reason', async (context) => {
      const started = await start(context, './Mailbox');
      const { disk, hub, home, port, told, line } = started;
      writeFileSync(`${home}/home/Mailbox`, '', { mode: 0o600 });
      disk.arm({ fault: 'fail', at: 1, lasting: true, error, only: '/home/Mailbox ' });
      await bring(hub, port, mails.boxed, told);
      const deferral = await line(/^delivery 1: deferral: Unable_to_write_\.\/Mailbox:_/);
      match(deferral.replaceAll('_', ' '), said);
      deepStrictEqual(deliveredIn(home, false), []);
      disk.mend();
      await started.goOn();
    });

    test('while a delivery is to be recorded: it is not made again', async (context) => {
      const started = await start(context, './Mailbox');
      const { disk, hub, home, port, line } = started;
      const lock = await bringLocked(started, mails.boxed);
      disk.arm({ fault: 'fail', at: 1, lasting: true, error, only: '/queue/' });
      await lock.release();
      match(await line(/^warning: unable to record a delivery: .*; will try again$/), said);
      match(await replyTo(hub, port, mails.plain), /^\d+:Z.*\(#4\.3\.0\)/);
      // The other recipient's copy may be on its way into the mbox.
      await line(/^delivery 1: success/);
      await line(/^delivery 2: success/);
      const delivered = deliveredIn(home, false).map(keyOf);
      ok(delivered.length > 0);
      disk.mend();
      await started.goOn();
    });

    test('while a bounce is to be written: it is written later, and once', async (context) => {
      const started = await start(context, './Mailbox');
      const { disk, home, line } = started;
      const lock = await bringLocked(started, mails.mixed);
      await line(/^delivery \d+: failure: .*looping/);
      await until('the record of the failure', () =>
        queuedIn(home).some(({ state }) => state === 'failed') ? true : undefined,
      );
      // One transaction records the other recipient's delivery, the next would be the bounce.
      disk.arm({ fault: 'fail', at: 2, lasting: true, error, only: '/store.sqlite-wal fsync' });
      await lock.release();
      match(await line(/^warning: unable to bounce msg \d+: .*; will try again$/), said);
      disk.mend();
      await line(/^bounce msg /);
      await started.goOn();
    });
  });
}
