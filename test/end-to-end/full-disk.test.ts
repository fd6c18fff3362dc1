/** Disks that are full: of the hub's queue, of its Maildir, of the satellite. Nothing is lost, and nothing needs help. */
import assert from 'node:assert/strict';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { openReader, storePath } from '../../src/queue/index.ts';
import { eachBody } from '../support/bodies.ts';
import {
  emptyQueue,
  executablesMissing,
  localAddress,
  portOf,
  satelliteHome,
  startBuiltHub,
  startSatellite,
} from '../support/built-hub.ts';
import type { Hub } from '../support/hub.ts';
import { hubHome, hubUser } from '../support/hub-home.ts';
import { numberedMessage, numberOf } from '../support/numbered-message.ts';
import { qmqpRequest, submitRequest } from '../support/qmqp-peer.ts';
import { mountTmpfs, resizeTmpfs, tmpfsMissing } from '../support/tmpfs.ts';
import { until } from '../support/until.ts';

const options = { skip: executablesMissing || tmpfsMissing };

const mebibyte = 1024 * 1024;
const drainMsMax = 60_000;

/** What these have on the way is as much as a small disk holds, however fast the messages are delivered. */
const submitters = 16;

/** The number of a message of 150 kB, one of 400, one of 1, and so on. */
const mixedNumber = (count: number) => 10 * Math.floor(count / 3) + ([8, 9, 1][count % 3] ?? 0);

/** Of each kind, while the disk is full and while it is not. */
const repliesPerRound = 25;

/** Puts a directory of a hub's home on a small disk of its own. Answers where the disk is. */
function moveToDisk(home: string, name: string, sizeBytes: number): string {
  const disk = mountTmpfs(sizeBytes);
  const { uid, gid } = hubUser();
  mkdirSync(`${disk}/home`, { mode: 0o700 });
  chownSync(`${disk}/home`, uid, gid);
  for (const part of ['tmp', 'new', 'cur']) {
    if (!existsSync(`${home}/${name}/${part}`)) continue;
    mkdirSync(`${disk}/home/${part}`, { mode: 0o700 });
    chownSync(`${disk}/home/${part}`, uid, gid);
    rmdirSync(`${home}/${name}/${part}`);
  }
  rmdirSync(`${home}/${name}`);
  symlinkSync(`${disk}/home`, `${home}/${name}`);
  return disk;
}

/** How many messages wait in a hub's queue. */
function waitingIn(home: string): number {
  const reader = openReader(storePath(`${home}/queue`));
  try {
    return reader.counts().messages;
  } finally {
    reader.close();
  }
}

/** Sets the clock forward for everything that waits, while no hub runs. */
function makeDue(home: string): void {
  const database = new DatabaseSync(storePath(`${home}/queue`));
  database.exec('UPDATE recipient SET due_ms = 0');
  database.close();
}

/** Leaves no byte free; answers how to give the space back. */
function fill(disk: string): () => void {
  const path = `${disk}/filler`;
  assert.throws(() => writeFileSync(path, new Uint8Array(64 * mebibyte)), { code: 'ENOSPC' });
  return () => rmSync(path);
}

function send(hub: Hub, text: string, recipient = localAddress): Promise<string> {
  return submitRequest(portOf(hub), qmqpRequest(text, 'sender@satellite.test', recipient));
}

const isAccepted = (reply: string) => /^\d+:K.*,$/.test(reply);
const isFull = (reply: string) => /^\d+:Z.*disk full \(#4\.3\.0\).*,$/.test(reply);

/** Which numbered messages were delivered, in order. */
function deliveredNumbers(hub: Hub): readonly number[] {
  const texts = hub.delivered().map((path) => readFileSync(path, 'latin1'));
  const numbered = texts.filter((text) => text.includes('\nMessage-ID: '));
  return numbered.map(numberOf).sort((one, other) => one - other);
}

async function hubOn(context: TestContext, home: string): Promise<Hub> {
  const hub = await startBuiltHub({ home });
  context.after(() => hub.stop());
  return hub;
}

test(
  'while the disk of the queue fills up and empties under load, each message is refused or delivered once',
  options,
  async (context) => {
    const home = hubHome();
    const disk = moveToDisk(home, 'queue', 8 * mebibyte);
    const hub = await hubOn(context, home);
    const accepted: number[] = [];
    let sent = 0;
    let refused = 0;
    let finished = false;

    async function submitMessages(): Promise<void> {
      while (!finished) {
        sent += 1;
        const { number, text } = numberedMessage(mixedNumber(sent));
        const reply = await send(hub, text);
        if (isAccepted(reply)) accepted.push(number);
        else if (isFull(reply)) refused += 1;
        else assert.fail(reply);
      }
    }
    const submitting = Array.from({ length: submitters }, submitMessages);
    for (let round = 0; round < 5; round += 1) {
      const giveBack = fill(disk);
      const refusedNext = refused + repliesPerRound;
      await until('refusals on a full disk', () => refused >= refusedNext || undefined);
      giveBack();
      const acceptedNext = accepted.length + repliesPerRound;
      await until('K when there is room', () => accepted.length >= acceptedNext || undefined);
    }
    finished = true;
    await Promise.all(submitting);
    await emptyQueue(home, drainMsMax);
    assert.deepEqual(
      deliveredNumbers(hub),
      accepted.sort((one, other) => one - other),
    );
    context.diagnostic(
      `${sent} messages sent, ${accepted.length} accepted and delivered once, ${refused} refused for now`,
    );
  },
);

test(
  'a queue that has filled its disk by itself takes mail again when the disk grows, and has lost nothing',
  options,
  async (context) => {
    const home = hubHome();
    const disk = moveToDisk(home, 'queue', 4 * mebibyte);
    const hub = await hubOn(context, home);
    let accepted = 0;
    // What waits for another host stays in the queue.
    let number = 0;
    await until('Z on a full disk', async () => {
      number += 1;
      // Each to a host of its own: one that fails often is left alone.
      const text = `Message-ID: <${number}@satellite.test>\n\n${'x'.repeat(60_000)}`;
      const reply = await send(hub, text, `somebody@elsewhere${number}.example`);
      if (isAccepted(reply)) accepted += 1;
      else assert.match(reply, /^\d+:Z.*disk full/);
      return isFull(reply) ? true : undefined;
    });
    assert.ok(accepted > 10, `${accepted} messages were accepted`);
    await hub.count(/^delivery \d+: deferral: /, accepted);

    resizeTmpfs(disk, 16 * mebibyte);
    assert.ok(isAccepted(await send(hub, 'Subject: room\n\n')));
    await hub.line(/^end msg /);
    assert.equal(hub.delivered().length, 1);
    assert.equal(waitingIn(home), accepted);
  },
);

test(
  'a message that is larger than the disk is refused, and the next ones are taken',
  options,
  async (context) => {
    const home = hubHome();
    moveToDisk(home, 'queue', 12 * mebibyte);
    const hub = await hubOn(context, home);
    for (let round = 1; round <= 3; round += 1) {
      const large = await send(hub, `Subject: large\n\n${'x'.repeat(30 * mebibyte)}\n`);
      assert.ok(isFull(large), large);
      assert.ok(isAccepted(await send(hub, numberedMessage(round).text)));
    }
    await emptyQueue(home, drainMsMax);
    assert.deepEqual(deliveredNumbers(hub), [1, 2, 3]);
  },
);

test('a hub that finds its disk full says so, and starts when there is room', options, async (context) => {
  const home = hubHome();
  const disk = moveToDisk(home, 'queue', 4 * mebibyte);
  const giveBack = fill(disk);
  await assert.rejects(startBuiltHub({ home }), /alert: cannot go on: .*\/queue\/store\.sqlite: .*full/);
  giveBack();
  const hub = await hubOn(context, home);
  assert.ok(isAccepted(await send(hub, 'Subject: room\n\n')));
});

test(
  'mail for a Maildir on a full disk waits with the reason, leaves nothing there, and is delivered later',
  options,
  async (context) => {
    const home = hubHome();
    const disk = moveToDisk(home, 'home/Maildir', mebibyte);
    const giveBack = fill(disk);
    const full = await hubOn(context, home);
    assert.ok(isAccepted(await send(full, numberedMessage(8).text)));
    const deferral = await full.line(/^delivery 1: deferral: /);
    assert.match(
      deferral,
      /Unable_to_deliver_to_maildir_\.\/Maildir\/:_no_space_left_on_device\._\(#4\.3\.0\)/i,
    );
    assert.deepEqual([...full.delivered(), ...readdirSync(`${home}/home/Maildir/tmp`)], []);
    assert.equal(await full.stop(), 0);
    assert.equal(waitingIn(home), 1);

    giveBack();
    makeDue(home);
    const hub = await hubOn(context, home);
    await emptyQueue(home, drainMsMax);
    assert.deepEqual(deliveredNumbers(hub), [8]);
  },
);

eachBody(
  'a satellite whose temporary directory is full says so and sends nothing',
  options,
  async (context) => {
    const hub = await hubOn(context, hubHome());
    const directory = mountTmpfs(mebibyte);
    const run = { home: satelliteHome(...hub.addresses), env: { TMPDIR: directory } };
    const text = numberedMessage(9).text.repeat(5);
    const queue = startSatellite({ ...run, program: 'qmail-qmqpc', envelope: `Fs@x\0T${localAddress}\0\0` });
    queue.child.stdin?.end(text);
    const { exit, stderr } = await queue.ended;
    assert.equal(exit, 53, stderr);
    assert.match(stderr, /no space left on device/i);

    const sendmail = startSatellite({ ...run, program: 'sendmail', args: [localAddress] });
    sendmail.child.stdin?.end(text);
    const ended = await sendmail.ended;
    assert.ok([71, 74, 75].includes(ended.exit ?? 0), `${ended.exit} ${ended.stderr}`);
    assert.match(ended.stderr, /no space left on device/i);
    assert.equal(
      hub.lines.some((line) => line.startsWith('new msg')),
      false,
    );
  },
);
