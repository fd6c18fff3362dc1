import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { classicListing, jsonListing } from '../../src/programs/queue-listing.ts';
import { everything, type Filter } from '../../src/queue/index.ts';
import type { Routes } from '../../src/send/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { openQuietStore, openSteeredQueue, submitTo } from '../support/steered-queue.ts';

const routes: Routes = {
  locals: new Set(['ref.test']),
  percenthack: new Set(),
  envnoathost: 'ref.test',
  virtualdomains: new Map([['three.example', 'three']]),
};

/** The sizes are those of the Received fields too. */
function settled(lines: Iterable<string>): readonly string[] {
  return [...lines].map((line) => line.replace(/(#\d+) {2}\d+ {2}</, '$1  BYTES  <'));
}

async function listing(part: Partial<Filter> = {}) {
  const { store, close } = await openSteeredQueue();
  const options = { queue: store, filter: { ...everything, ...part }, routes };
  const classic = settled(classicListing(options, false));
  const long = settled(classicListing(options, true));
  const json = [...jsonListing(options)].map((line): Record<string, unknown> => {
    match(line, /^\{[\x20-\x7e]*\}\n$/);
    return JSON.parse(line);
  });
  await close();
  return { classic, long, json };
}

const first = '5 Nov 2026 08:44:38 GMT  #1  BYTES  <root@one.example>  bouncing\n';
const second = '5 Nov 2026 08:45:38 GMT  #2  BYTES  <> \n';
const third = '5 Nov 2026 08:46:38 GMT  #3  BYTES  <Root@ONE.example> \n';

test('the classic list, and what is known besides', async () => {
  const { classic, long } = await listing();
  deepStrictEqual(classic, [
    first,
    '\tlocal\tjoe@ref.test\n',
    '\tremote\tfar@two.example\n',
    '  done\tremote\tgone@Two.example\n',
    second,
    '\tlocal\tthree-held@three.example\n',
    third,
    ...[0, 1, 2, 3, 4].map((number) => `\tremote\tx${number}@sub.two.example\n`),
  ]);
  deepStrictEqual(long.filter((line) => line.startsWith('\t\t')).slice(0, 4), [
    '\t\tfresh, 0 attempts\n',
    '\t\twaiting, 2 attempts, next 5 Nov 2026 08:51:18 GMT: no such route/as yet (#4.4.4)\n',
    '\t\tfailed, 1 attempt: no such user (#5.1.1)\n',
    '\t\theld, 0 attempts\n',
  ]);
  deepStrictEqual(
    long.filter((line) => !line.startsWith('\t\t')),
    classic,
  );
});

test('what a filter chooses', async () => {
  deepStrictEqual((await listing({ states: ['held'] })).classic, [
    second,
    '\tlocal\tthree-held@three.example\n',
  ]);
  deepStrictEqual((await listing({ recipients: ['X1@sub.two.example'] })).classic, [
    third,
    '\tremote\tx1@sub.two.example\n',
  ]);
  deepStrictEqual((await listing({ messages: ['2'] })).classic.length, 2);
  deepStrictEqual((await listing({ hosts: ['192.0.2.9'] })).classic, []);
});

test('an object for each recipient', async () => {
  const { json } = await listing();
  strictEqual(json.length, 9);
  const { bytes, ...waiting } = json[1] ?? {};
  strictEqual(typeof bytes, 'number');
  deepStrictEqual(waiting, {
    msg: 1,
    id: '',
    accepted: '2026-11-05T08:44:38.000Z',
    host: '192.0.2.1',
    caller: 'network',
    sender: 'root@one.example',
    bouncing: true,
    recipient: 'far@two.example',
    channel: 'remote',
    address: 'far@two.example',
    state: 'waiting',
    attempts: 2,
    tried: '2026-11-05T08:44:39.000Z',
    next: '2026-11-05T08:51:18.000Z',
    error: 'no such route\nas yet (#4.4.4)\n',
  });
  const { state, tried, next, error, address, caller } = json[3] ?? {};
  deepStrictEqual(
    [state, tried, next, error, address, caller],
    ['held', null, null, null, 'three-held@three.example', '1000'],
  );
  strictEqual(json[4]?.['id'], '<five@one.example>');
});

test('what a peer has put into an address stays on its line, and its bytes survive in JSON', async () => {
  const store = await openQuietStore(temporaryDirectory());
  const sender = 'a\nb\xe9\t\x1b[2J@x.y';
  const recipients = ['evil\n5 Nov 2026 08:44:38 GMT  #9  1  <x> @x.y\xff'];
  await submitTo(store, { host: '', sender, text: 'x\n', recipients });
  const options = { queue: store, filter: everything, routes };
  const [message = '', recipient = '', ...more] = classicListing(options, true);
  match(message, /<a\/b___\[2J@x\.y> \n$/);
  strictEqual(recipient, '\tremote\tevil/5 Nov 2026 08:44:38 GMT  #9  1  <x> @x.y_\n');
  strictEqual(more.length, 1);
  const [line = ''] = jsonListing(options);
  deepStrictEqual([JSON.parse(line).sender, JSON.parse(line).recipient], [sender, recipients[0]]);
  await store.close();
});
