import { deepStrictEqual, match, ok, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Resolver } from '../../src/dns/index.ts';
import type {
  Connection,
  Delivered,
  Demands,
  Hop,
  Opening,
  Outgoing,
  Route,
} from '../../src/remote/index.ts';
import { hopsMsMax, type MailSender, sendMail } from '../../src/remote/send-mail.ts';
import type { RemoteSettings } from '../../src/remote/settings.ts';
import { messageBody } from '../support/message-body.ts';
import { remoteSettings } from '../support/remote-settings.ts';

const outgoing: Outgoing = { sender: 's@x', recipients: ['a@d.test'], body: messageBody('x\n') };

const byMx: Route = { protocol: 'smtp', relay: undefined, tls: 'may', implicitTls: false, user: undefined };

const accepted: Delivered = {
  recipients: [{ verdict: 'K', text: '' }],
  message: { verdict: 'K', text: 'ok\n' },
  undecided: false,
};
const broken: Delivered = { recipients: [], message: { verdict: 'Z', text: 'died\n' }, undecided: true };
const refused: Delivered = { recipients: [], message: { verdict: 'D', text: 'no\n' }, undecided: false };
const later: Delivered = { recipients: [], message: { verdict: 'Z', text: 'later\n' }, undecided: false };

type Host = Delivered | 'refuses' | 'times out';

/** Hosts by address, 192.0.2.1 first. */
function world(hosts: readonly Host[], resting: readonly string[] = []) {
  const opened: string[] = [];
  const demanded: Demands[] = [];
  const strikes: string[] = [];
  const answered: string[] = [];
  const clock = { nowMs: 0, openingMs: 0 };
  const addresses = hosts.map((_, index) => `192.0.2.${index + 1}`);
  const resolver: Resolver = {
    mx: async () => ({
      kind: 'found',
      records: addresses.map((exchange, index) => ({ exchange, priority: index })),
    }),
    addresses: async (name) => ({ kind: 'found', records: [name] }),
  };
  const open = async (hop: Hop, demands: Demands): Promise<Opening> => {
    opened.push(hop.address);
    clock.nowMs += clock.openingMs;
    demanded.push(demands);
    const host = hosts[addresses.indexOf(hop.address)];
    if (host === undefined || typeof host === 'string') {
      const timedOut = host === 'times out';
      return { ok: false, timedOut, answer: { verdict: 'Z', text: `${hop.address} ${host}\n` } };
    }
    return { ok: true, connection: connectionOf(host) };
  };
  const sender: MailSender = {
    transports: { smtp: { open } },
    hopOptions: () => ({ resolver, isOwn: () => false, random: () => 0 }),
    timeouts: {
      isResting: (address) => resting.includes(address),
      timedOut: (address) => strikes.push(address),
      answered: (address) => answered.push(address),
      list: () => [],
      clear: () => undefined,
    },
    monotonic: () => clock.nowMs,
    findPolicy: async () => undefined,
  };
  return { sender, clock, opened, demanded, strikes, answered };
}

function connectionOf(delivered: Delivered): Connection & { closed: number } {
  const connection = {
    closed: 0,
    deliver: async () => delivered,
    get isOpen() {
      return !delivered.undecided && connection.closed === 0;
    },
    close() {
      connection.closed += 1;
    },
  };
  return connection;
}

const settings: RemoteSettings = remoteSettings();

async function send(hosts: readonly Host[], resting: readonly string[] = []) {
  const { sender, ...seen } = world(hosts, resting);
  const sent = await sendMail(sender, { route: byMx, domain: 'd.test' }, outgoing, settings);
  return { ...seen, ...sent };
}

test('the first host that decides ends it, and its connection can be kept', async () => {
  for (const decided of [accepted, refused, later]) {
    const { delivered, connection, opened } = await send([decided, accepted]);
    strictEqual(delivered, decided);
    ok(connection?.isOpen);
    deepStrictEqual(opened, ['192.0.2.1']);
  }
});

test('hosts that cannot be reached, or break off undecided, are followed by the next', async () => {
  const { delivered, opened, strikes, answered } = await send(['refuses', 'times out', broken, accepted]);
  strictEqual(delivered, accepted);
  deepStrictEqual(opened, ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']);
  deepStrictEqual(strikes, ['192.0.2.2']);
  deepStrictEqual(answered, ['192.0.2.1', '192.0.2.3', '192.0.2.4']);
});

test('when none decides the last one says why', async () => {
  const { delivered, connection } = await send(['times out', broken]);
  deepStrictEqual([delivered.message, connection], [broken.message, undefined]);
});

test('hosts that take connections and let one wait are not tried for longer than it may take in all', async () => {
  const { sender, clock, opened } = world(new Array<Host>(20).fill('times out'));
  clock.nowMs = 5e9;
  clock.openingMs = hopsMsMax / 3;
  const { delivered } = await sendMail(sender, { route: byMx, domain: 'd.test' }, outgoing, settings);
  deepStrictEqual(opened, ['192.0.2.1', '192.0.2.2', '192.0.2.3']);
  strictEqual(delivered.message.text, '192.0.2.3 times out\n');
});

test('a kept connection that used the time up is not replaced', async () => {
  const { sender, clock, opened } = world([accepted]);
  const slow: Connection = {
    ...connectionOf(broken),
    async deliver() {
      clock.nowMs += hopsMsMax;
      return broken;
    },
  };
  const sent = await sendMail(sender, { route: byMx, domain: 'd.test' }, outgoing, settings, slow);
  deepStrictEqual([sent, opened], [{ delivered: broken, connection: undefined }, []]);
});

test('hosts that rest are passed over', async () => {
  const { delivered, opened } = await send([accepted, refused], ['192.0.2.1']);
  deepStrictEqual([delivered, opened], [refused, ['192.0.2.2']]);
  const all = await send([accepted], ['192.0.2.1']);
  match(all.delivered.message.text, /left alone for a while\. \(#4\.4\.1\)/);
  deepStrictEqual(all.opened, []);
});

test('a kept connection that is dead is replaced once, when nothing was in doubt', async () => {
  const dead = connectionOf(broken);
  const { sender, opened } = world([accepted]);
  const destination = { route: byMx, domain: 'd.test' };
  const sent = await sendMail(sender, destination, outgoing, settings, dead);
  deepStrictEqual([sent.delivered, opened.length, dead.closed], [accepted, 1, 1]);
  const doubtful: Delivered = { ...broken, undecided: false };
  const kept = await sendMail(sender, destination, outgoing, settings, connectionOf(doubtful));
  deepStrictEqual([kept.delivered, opened.length], [doubtful, 1]);
});

test('bounce loops; `#@[]` seen outside: a double bounce leaves with the null sender', async () => {
  const senders: string[] = [];
  const kept = connectionOf(accepted);
  const watched: Connection = {
    ...kept,
    async deliver(sent) {
      senders.push(sent.sender);
      return accepted;
    },
  };
  const { sender } = world([]);
  for (const from of ['#@[]', '', 's@x']) {
    await sendMail(
      sender,
      { route: byMx, domain: 'd.test' },
      { ...outgoing, sender: from },
      settings,
      watched,
    );
  }
  deepStrictEqual(senders, ['', '', 's@x']);
});

test('what a domain demands of TLS counts when it is more than the route', async () => {
  const { sender, demanded } = world([accepted]);
  const policy = { tls: 'verify', allows: () => true } as const;
  const destination = { route: byMx, domain: 'd.test' };
  await sendMail({ ...sender, findPolicy: async () => policy }, destination, outgoing, settings);
  await sendMail(sender, destination, outgoing, settings);
  deepStrictEqual(
    demanded.map(({ tls }) => tls),
    ['verify', 'may'],
  );
});

test('what is wrong here is an error, before anything is sent', async () => {
  const { sender } = world([accepted]);
  const relay = { host: '192.0.2.1', port: 25 };
  const qmtp = { route: { ...byMx, relay, protocol: 'qmtp' as const }, domain: 'd.test' };
  await rejects(sendMail(sender, qmtp, outgoing, settings), /nothing here speaks qmtp/);
  const user = { route: { ...byMx, relay, user: 'me' }, domain: 'd.test' };
  await rejects(sendMail(sender, user, outgoing, settings), /no password/);
});
