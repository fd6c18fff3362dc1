/**
 * Cases of send.json again, this time with everything that happens locally: the user is looked up, the .qmail files are
 * those of the case, programs run, and what is forwarded goes through the queue. Mailboxes and files are compared.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { deliverLocally } from '../../src/local/index.ts';
import { createUsers } from '../../src/local/users/index.ts';
import { createEnvelopeParser, type Envelope, splitAddress } from '../../src/mail/index.ts';
import type { Deliver } from '../../src/send/index.ts';
import type { Queue } from '../../src/submit/index.ts';
import { type Answer, bytesOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { filesBelow } from '../support/files-below.ts';
import { temporaryDirectory } from '../support/home.ts';
import { runHere } from '../support/run-here.ts';
import { logView, mailboxView, type SendCase } from '../support/send-vectors.ts';
import { openSending, type Sending, until } from '../support/sending.ts';
import { withPlaces } from '../support/vector-pattern.ts';
import { type Rule, vectors } from '../support/vectors.ts';

interface DeliveredCase extends SendCase {
  readonly home: Readonly<Record<string, string>>;
  readonly alias: Readonly<Record<string, string>>;
  readonly assign: string | null;
  readonly defaultdelivery: string;
}

const uid = 1000;

/** A home with a Maildir and the files of the case. */
function homeWith(files: Readonly<Record<string, string>>): string {
  const home = temporaryDirectory();
  for (const name of ['', '/tmp', '/new', '/cur']) mkdirSync(`${home}/Maildir${name}`);
  for (const [name, text] of Object.entries(files)) writeFileSync(`${home}/${name}`, text, 'latin1');
  return home;
}

/** The installation: users/assign of the case, made into users/cdb. */
async function installation({ assign }: DeliveredCase, home: string): Promise<string> {
  const directory = temporaryDirectory();
  mkdirSync(`${directory}/users`);
  if (assign !== null) {
    const places = { '<UID>': String(uid), '<GID>': String(uid), '<HOME>': home };
    writeFileSync(`${directory}/users/assign`, withPlaces(assign, places));
    const { exit, stderr } = await runHere(directory, 'qmail-newu');
    if (exit !== 0) throw new Error(stderr);
  }
  return directory;
}

function isQuiet({ store, events }: Sending, nowMs: number): boolean {
  if (store.due({ order: -1, id: -1 }, nowMs, 1).length > 0) return false;
  const { fresh, failed, incoming } = store.counts();
  const count = (name: string) => events.filter(({ event }) => event === name).length;
  return fresh + failed + incoming === 0 && count('start') === count('delivery');
}

function envelopeOf({ envelope }: DeliveredCase): Envelope {
  const state = createEnvelopeParser({ addressBytesMax: 1000, recipientsMax: 1000 }).feed(bytesOf(envelope));
  if (state.state !== 'complete') throw new Error(`the envelope is ${state.state}`);
  return state.envelope;
}

async function submit({ store }: Sending, pieces: Iterable<Uint8Array>, envelope: Envelope): Promise<Answer> {
  const incoming = store.begin({ caller: uid, host: '' });
  for (const piece of pieces) await incoming.write(piece);
  return await incoming.commit(envelope);
}

/** What was not there before. */
function made(home: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(filesBelow(home)).filter(([name]) => !Object.hasOwn(before, name)),
  );
}

async function run(vector: DeliveredCase): Promise<object> {
  let nowMs = Date.UTC(2026, 10, 5, 8, 44, 38);
  const homes = { vtest: homeWith(vector.home), alias: homeWith(vector.alias) };
  const accounts = Object.entries(homes).map(([name, home]) => ({ name, uid, gid: uid, home, shell: '' }));
  const users = createUsers({
    home: await installation(vector, homes.vtest),
    accounts: { find: async (wanted) => accounts.find(({ name }) => name === wanted) },
    ownerOf: async () => uid,
  });
  const queue: Queue = async (_system, message, envelope) => ({
    exitCode: 0,
    answer: await submit(sending, message.chunks(), envelope),
  });
  const deliver: Deliver = async ({ message, sender, address }) => {
    const { local, domain = '' } = splitAddress(address);
    const found = await users.find(local);
    if (!found.ok) return found.answer;
    const body = sending.store.body(message);
    const job = { ...found, local, domain, sender, body, delivery: vector.defaultdelivery, nowMs };
    return await deliverLocally(job, { system: nodeSystem([]), queue });
  };
  const sending = await openSending({ controls: vector.controls, deliver, now: () => nowMs });
  sending.sender.start();
  await submit(sending, [bytesOf(vector.message)], envelopeOf(vector));
  await until(() => isQuiet(sending, nowMs));
  const [, seconds] = /^ALRM after ([\d.]+)s$/.exec(vector.signal ?? '') ?? [];
  if (seconds !== undefined) {
    nowMs += Number(seconds) * 1000;
    await sending.sender.retryNow();
    await until(() => isQuiet(sending, nowMs));
  }
  await sending.stop();
  users.close();
  return {
    log: sending.log,
    home_after: made(homes.vtest, vector.home),
    alias_after: made(homes.alias, vector.alias),
  };
}

/** Mail in the order of who got it, and other files as they are. */
function filesView(files: unknown): unknown {
  const isMail = ([, text]: readonly [string, string]) =>
    text.startsWith('Return-Path: ') || text.startsWith('From ');
  const others = Object.entries(files as SendCase['home_after']).filter((entry) => !isMail(entry));
  return { mail: mailboxView(files), others: Object.fromEntries(others) };
}

const rules: readonly Rule<DeliveredCase>[] = [
  {
    reason:
      'mail for an address without a user name vanishes in the original; mail is never lost here: it bounces',
    applies: ({ envelope }) => envelope.includes('\0T@'),
    expect(_vector, { log, alias_after: alias, home_after: home }) {
      if (!logView(log).some((entry) => / to local @.* failure \(#5\.1\.3\)$/.test(entry))) {
        throw new Error('the address was not refused');
      }
      return { log, alias_after: alias, home_after: home };
    },
  },
];

vectors<DeliveredCase>({
  file: 'send.json',
  covers: ({ log }) => !log.some((line) => line.includes(' to remote ')),
  run,
  views: { log: logView, home_after: filesView, alias_after: filesView },
  rules,
});
