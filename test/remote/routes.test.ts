import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openControl } from '../../src/control/index.ts';
import type { Route } from '../../src/remote/index.ts';
import { parseRoute, readRemoteRoutes } from '../../src/remote/routes.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { everyText } from '../support/every-text.ts';
import { temporaryHome } from '../support/home.ts';

function routesOf(
  smtproutes: string,
  more: Readonly<Record<string, string>> = {},
): (domain: string) => Route {
  return readRemoteRoutes(openControl(nodeSystem([]), temporaryHome({ smtproutes, ...more })));
}

function relayOf(route: Route): string {
  return route.relay === undefined ? 'mx' : `${route.relay.host} ${route.relay.port}`;
}

const byMx: Route = { protocol: 'smtp', relay: undefined, tls: 'may', implicitTls: false, user: undefined };

test('lines as qmail-remote knows them', () => {
  const route = routesOf(
    'a.test:relay.test\nB.test:192.0.2.1:26\n.c.test:c\n:default:2525\nlocal.test:\nno colon\n',
  );
  const relays = ['a.test', 'A.TEST', 'b.test', 'x.c.test', 'y.x.c.test', 'c.test', 'local.test', 'no'].map(
    (domain) => relayOf(route(domain)),
  );
  deepStrictEqual(relays, [
    'relay.test 25',
    'relay.test 25',
    '192.0.2.1 26',
    'c 25',
    'c 25',
    'default 2525',
    'mx',
    'default 2525',
  ]);
});

test('without files the MX records decide', () => {
  deepStrictEqual(routesOf('')('a.test'), byMx);
});

test('IPv6 addresses stand in brackets', () => {
  const route = routesOf('a.test:[2001:db8::1]\nb.test:[2001:db8::1]:2525\nc.test:[192.0.2.1]:26\n');
  deepStrictEqual(
    ['a.test', 'b.test', 'c.test'].map((domain) => relayOf(route(domain))),
    ['2001:db8::1 25', '2001:db8::1 2525', '192.0.2.1 26'],
  );
});

test('words demand TLS and name a user', () => {
  deepStrictEqual(parseRoute('r tls=verify', 'smtp').tls, 'verify');
  deepStrictEqual(parseRoute('r   tls=no  ', 'smtp').tls, 'no');
  deepStrictEqual(parseRoute(' tls=must', 'smtp'), { ...byMx, tls: 'must' });
  const user = parseRoute('r:587 user=me@x.test', 'smtp');
  deepStrictEqual([user.user, user.tls, user.implicitTls], ['me@x.test', 'verify', false]);
  deepStrictEqual(parseRoute('r user=me tls=no', 'smtp').tls, 'no');
  const submissions = parseRoute('r:465', 'smtp');
  deepStrictEqual([submissions.implicitTls, submissions.tls], [true, 'must']);
  deepStrictEqual(parseRoute('r:2465 implicit tls=verify', 'smtp').implicitTls, true);
});

test('what makes no sense is named with its file', () => {
  for (const value of [
    'r:x',
    'r:0',
    'r:65536',
    '2001:db8::1',
    '[2001:db8::1',
    '[x]',
    '[192.0.2.1]25',
    ':25',
    'r tls=maybe',
    'r user=',
    'r hello',
    'r:465 tls=no',
    'r user=me tls=may',
  ]) {
    throws(() => routesOf(`a.test:${value}\n`), /control\/smtproutes: a\.test:.*/, value);
  }
});

test('qmtproutes come first, and an empty one is an exception', () => {
  const route = routesOf('a.test:smtp\n:smtp\n', { qmtproutes: 'a.test:\nb.test:far\n.c.test:far:2209\n' });
  const seen = ['a.test', 'b.test', 'x.c.test', 'd.test'].map((domain) => {
    const found = route(domain);
    return `${found.protocol} ${relayOf(found)}`;
  });
  deepStrictEqual(seen, ['smtp smtp 25', 'qmtp far 209', 'qmtp far 2209', 'smtp smtp 25']);
});

test('every short line is a route or says why it is none', () => {
  for (const text of everyText('a:[]1 .')) {
    try {
      const { relay } = parseRoute(text, 'smtp');
      if (relay !== undefined)
        strictEqual(relay.host !== '' && relay.port > 0 && relay.port <= 65_535, true, text);
    } catch (error) {
      strictEqual(error instanceof Error && /is no (RELAY|word)|would tell/.test(error.message), true, text);
    }
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseRoute(text, 'qmtp');
      } catch (error) {
        strictEqual(error instanceof Error, true);
      }
    }),
  );
});
