import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import type { IncomingMessage, QueuedMessage, Store } from '../../src/queue/index.ts';
import { createBouncer, readBounceSettings, readRoutes, type SendEvent } from '../../src/send/index.ts';
import type { Answer } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';
import { bodyText, submit } from '../support/open-store.ts';
import { bodyOf, fieldOf, parseQsbmf, partsOf } from '../support/qsbmf.ts';
import { openSending, type Sending, until } from '../support/sending.ts';

/** Fails what goes to `no...`, keeps what goes to `later...`, and takes the rest. */
async function byName({ recipient }: { recipient: { address: string } }): Promise<Answer> {
  if (recipient.address.startsWith('no')) return { verdict: 'D', text: 'Nobody here. (#5.1.1)\n' };
  if (recipient.address.startsWith('later')) return { verdict: 'Z', text: 'Come back. (#4.2.1)\n' };
  return { verdict: 'K', text: '' };
}

/** Bounces wait: nothing remote is tried. */
const noRemote = { concurrencyremote: '0\n' };

interface Bounced extends Sending {
  /** The bounce, which waits in the store. */
  readonly bounce: QueuedMessage;
  readonly text: string;
}

/** Sends a message and waits for its bounce to be the only message. */
async function bounced(
  recipients: readonly string[],
  sender = 's@away',
  controls: Readonly<Record<string, string>> = {},
  message = 'Subject: x\n\nbody\n',
): Promise<Bounced> {
  const sending = await openSending({ deliver: byName, controls: { ...noRemote, ...controls } });
  sending.sender.start();
  await submit(sending.store, message, recipients, sender);
  await until(() => sending.events.some(({ event }) => event === 'bounce'));
  const [bounce, ...more] = sending.store.messages();
  assert.ok(bounce);
  assert.equal(more.length, 0);
  return { ...sending, bounce, text: bodyText(sending.store, bounce.id) };
}

function recipientsOf(store: Store, message: QueuedMessage): readonly string[] {
  return [...store.recipients(message.id)].map((recipient) => recipient.address);
}

test('one bounce for all failed recipients, from nobody to the sender, in the place of the message', async () => {
  const { bounce, text, store, stop, lines } = await bounced(['no1@local', 'ok@local', 'no2@local']);
  assert.equal(bounce.sender, '');
  assert.equal(bounce.caller, 'bounce');
  assert.deepEqual(recipientsOf(store, bounce), ['s@away']);
  assert.equal(fieldOf(text, 'To'), 's@away');
  assert.equal(fieldOf(text, 'From'), 'MAILER-DAEMON@local');
  assert.equal(fieldOf(text, 'Message-ID'), bounce.headerMessageId);
  const report = 'Nobody here. (#5.1.1)\n';
  assert.deepEqual(parseQsbmf(bodyOf(text)).recipients, [
    { address: 'no1@local', report },
    { address: 'no2@local', report },
  ]);
  assert.match(
    bodyOf(partsOf(text)[2] ?? ''),
    /^Return-Path: <s@away>\nReceived: \(qmail .*\nSubject: x\n\nbody\n$/,
  );
  const failed = bounce.id - 1;
  assert.deepEqual(lines().slice(-4), [
    `new msg ${bounce.id}`,
    `info msg ${bounce.id}: bytes ${bounce.sizeBytes} from <> qp ${bounce.id} uid 0`,
    `bounce msg ${failed} qp ${bounce.id}`,
    `end msg ${failed}`,
  ]);
  await stop();
});

test('a bounce waits for the last recipient', async () => {
  const { store, sender, events, stop } = await openSending({ deliver: byName, controls: noRemote });
  sender.start();
  await submit(store, 'x', ['no@local', 'later@local'], 's@away');
  await until(() => store.counts().failed === 1 && store.counts().waiting === 1);
  assert.ok(!events.some(({ event }) => event === 'bounce'));
  const [message] = store.messages();
  assert.ok(message);
  const waiting = [...store.recipients(message.id)].find(({ state }) => state === 'waiting');
  assert.ok(waiting);
  await sender.steer(message, waiting, 'delete', '');
  await until(() => events.some(({ event }) => event === 'bounce'));
  await stop();
});

test('a bounce of a bounce goes to doublebounceto, and says what it is', async () => {
  const controls = { doublebounceto: 'human\n', doublebouncehost: 'away\n' };
  const { bounce, text, store, stop } = await bounced(['no@local'], '', controls);
  assert.equal(bounce.sender, '#@[]');
  assert.deepEqual(recipientsOf(store, bounce), ['human@away']);
  assert.match(parseQsbmf(bodyOf(text)).introduction, /bounce/);
  assert.match(text, /^Return-Path: <>$/m);
  await stop();
});

test('bounce loops: a triple bounce is dropped and logged', async () => {
  const { store, sender, lines, stop } = await openSending({ deliver: byName });
  sender.start();
  await submit(store, 'x', ['no@local', 'no2@local'], '#@[]');
  await until(() => store.counts().messages === 0);
  await until(() => lines().at(-1)?.startsWith('end msg ') ?? false);
  const id = lines()[0]?.slice('new msg '.length);
  assert.deepEqual(lines().slice(-2), [`triple bounce: discarding bounce/${id}`, `end msg ${id}`]);
  assert.equal(store.counts().failed, 0);
  await stop();
});

test('the mark of variable return paths is no part of the address, and what is left decides', async () => {
  const verp = await bounced(['no@local'], 'list-@away-@[]');
  assert.deepEqual(recipientsOf(verp.store, verp.bounce), ['list-@away']);
  assert.match(verp.text, /^Return-Path: <list-@away>$/m);
  await verp.stop();
  const nobody = await bounced(['no@local'], '-@[]', { doublebouncehost: 'away\n' });
  assert.deepEqual(recipientsOf(nobody.store, nobody.bounce), ['postmaster@away']);
  assert.equal(nobody.bounce.sender, '#@[]');
  await nobody.stop();
});

test('a recipient is named as its sender knows it, with the host that was added', async () => {
  const controls = { virtualdomains: 'virt.example:joe\n', envnoathost: 'local\n' };
  const { text, stop } = await bounced(['no1@Virt.Example', 'no2'], 's@away', controls);
  assert.deepEqual(
    parseQsbmf(bodyOf(text)).recipients.map(({ address }) => address),
    ['no1@Virt.Example', 'no2@local'],
  );
  await stop();
});

test('of a message over bouncemaxbytes only the header is returned', async () => {
  const message = `Subject: x\n\n${'body\n'.repeat(1000)}`;
  const { text, stop } = await bounced(['no@local'], 's@away', { bouncemaxbytes: '1000\n' }, message);
  const [, , returned = ''] = partsOf(text);
  assert.equal(fieldOf(returned, 'Content-Type'), 'text/rfc822-headers');
  assert.ok(!text.includes('body\nbody\n'));
  await stop();
});

test('the control files and what counts without them', () => {
  const read = (controls: Readonly<Record<string, string>>) => {
    const control = openControl(nodeSystem([]), temporaryHome({ me: 'hub.example\n', ...controls }));
    const { routes: _, ...settings } = readBounceSettings(control, readRoutes(control));
    return settings;
  };
  assert.deepEqual(read({}), {
    me: 'hub.example',
    bounceFrom: 'MAILER-DAEMON',
    bounceHost: 'hub.example',
    doubleBounceTo: 'postmaster@hub.example',
    bounceMaxBytes: 65_536,
  });
  const controls = {
    bouncefrom: 'daemon\n',
    bouncehost: 'b.example\n',
    doublebounceto: 'human\n',
    doublebouncehost: 'd.example\n',
    bouncemaxbytes: '0\n',
  };
  assert.deepEqual(read(controls), {
    me: 'hub.example',
    bounceFrom: 'daemon',
    bounceHost: 'b.example',
    doubleBounceTo: 'human@d.example',
    bounceMaxBytes: 0,
  });
});

/** A store with one message whose only recipient has failed, and a bouncer that sees `broken` of it. */
async function failing(broken: (store: Store) => Store) {
  const events: SendEvent[] = [];
  const { store, sender, stop } = await openSending({
    deliver: byName,
    controls: noRemote,
    through: (whole) => ({ ...whole, bouncesDue: () => [] }),
  });
  sender.start();
  await submit(store, `Subject: x\n\n${'body\n'.repeat(50_000)}`, ['no@local'], 's@away');
  await until(() => store.counts().failed === 1);
  const [message] = store.messages();
  assert.ok(message);
  const control = openControl(nodeSystem([]), temporaryHome({ me: 'local\n', bouncemaxbytes: '0\n' }));
  const settings = readBounceSettings(control, readRoutes(control));
  const report = (event: SendEvent) => events.push(event);
  const bouncer = (whole: Store) =>
    createBouncer({ store: whole, settings: () => settings, report, now: Date.now });
  return { store, message, events, stop, bounce: bouncer(broken(store)), bounceWell: bouncer(store) };
}

function withIncoming(store: Store, change: (incoming: IncomingMessage) => IncomingMessage): Store {
  return { ...store, beginBounce: (message) => change(store.beginBounce(message)) };
}

const breakages: Readonly<Record<string, (store: Store) => Store>> = {
  'the store refuses the bounce': (store) =>
    withIncoming(store, (incoming) => ({
      ...incoming,
      async commit() {
        incoming.abort();
        return { verdict: 'Z', text: 'no room' };
      },
    })),
  'the store refuses bytes': (store) =>
    withIncoming(store, (incoming) => {
      let written = 0;
      return {
        ...incoming,
        write(bytes) {
          written += bytes.length;
          if (written > 200_000) throw new Error('no room');
          return incoming.write(bytes);
        },
      };
    }),
  'the original cannot be read': (store) => ({
    ...store,
    body: (message) => ({
      sizeBytes: message.sizeBytes,
      *chunks() {
        yield new Uint8Array(200_000);
        throw new Error('damaged');
      },
    }),
  }),
  'the recipients cannot be read': (store) => ({
    ...store,
    // biome-ignore lint/correctness/useYield: it fails before the first
    *recipients() {
      throw new Error('damaged');
    },
  }),
};

for (const [what, broken] of Object.entries(breakages)) {
  test(`when ${what}, nothing is said, nothing is lost, and the next try succeeds`, async () => {
    const { store, message, events, stop, bounce, bounceWell } = await failing(broken);
    await assert.rejects(bounce(message), /no room|damaged/);
    assert.deepEqual(events, []);
    assert.deepEqual(store.message(message.id), message);
    await until(() => store.counts().incoming === 0);
    await bounceWell(message);
    assert.deepEqual(
      events.map(({ event }) => event),
      ['bounce', 'end'],
    );
    assert.equal(store.message(message.id), undefined);
    assert.equal(store.counts().messages, 1);
    // What is not there any more is not bounced a second time.
    await assert.rejects(bounceWell(message));
    assert.equal(store.counts().messages, 1);
    await stop();
  });
}

test('a message that has lost bytes is bounced without them when it is so at the second try too', async () => {
  const { store, message, events, stop, bounce } = await failing((whole) => ({
    ...whole,
    body: ({ sizeBytes }) => ({
      sizeBytes,
      // biome-ignore lint/correctness/useYield: it fails before the first
      *chunks() {
        throw new Error('damaged');
      },
    }),
  }));
  await assert.rejects(bounce(message), /damaged/);
  await bounce(message);
  assert.deepEqual(
    events.map(({ event }) => event),
    ['warning', 'bounce', 'end'],
  );
  const [left] = store.messages();
  assert.ok(left);
  const text = bodyText(store, left.id);
  assert.deepEqual(
    parseQsbmf(bodyOf(text)).recipients.map(({ address }) => address),
    ['no@local'],
  );
  const [human = '', , returned = ''] = partsOf(text);
  assert.match(human, /but not your message: it cannot be read\.$/m);
  assert.equal(bodyOf(returned), 'Return-Path: <s@away>\n');
  await stop();
});

test('thousands of failed recipients are one bounce, read one by one, and others have their turn', async () => {
  const count = 5000;
  /** Recipients that were read and are not written yet, and the most that there were. */
  let ahead = 0;
  let mostAhead = 0;
  let largestPiece = 0;
  const { store, sender, events, stop } = await openSending({
    deliver: byName,
    controls: { concurrencylocal: '0\n', concurrencyremote: '0\n' },
    through: (whole) => ({
      ...whole,
      *recipients(messageId) {
        for (const recipient of whole.recipients(messageId)) {
          ahead += 1;
          mostAhead = Math.max(mostAhead, ahead);
          yield recipient;
        }
      },
      beginBounce(message) {
        const incoming = whole.beginBounce(message);
        return {
          ...incoming,
          write(bytes) {
            ahead = 0;
            largestPiece = Math.max(largestPiece, bytes.length);
            return incoming.write(bytes);
          },
        };
      },
    }),
  });
  const recipients = Array.from({ length: count }, (_, index) => `u${index}@local`);
  await submit(store, 'Subject: x\n\n', recipients, 's@away');
  const [message] = store.messages();
  assert.ok(message);
  const attempt = { attempts: 1, triedMs: 1, report: `${'x'.repeat(200)} (#5.1.1)\n` };
  await Promise.all([...store.recipients(message.id)].map((recipient) => store.fail(recipient, attempt)));
  let turns = 0;
  sender.start();
  await until(() => {
    turns += 1;
    return events.some(({ event }) => event === 'bounce');
  });
  const [bounce] = store.messages();
  assert.ok(bounce);
  assert.ok(bounce.sizeBytes > count * 600);
  assert.equal(parseQsbmf(bodyOf(bodyText(store, bounce.id))).recipients.length, count);
  assert.equal(mostAhead, 1);
  assert.ok(largestPiece < 4096, `${largestPiece} bytes`);
  assert.ok(turns > 10, `${turns} turns`);
  await stop();
});
