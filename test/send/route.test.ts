import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openControl } from '../../src/control/index.ts';
import { type Routes, readRoutes, route, withoutPrefix } from '../../src/send/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

function routesOf(controls: Readonly<Record<string, string>>): Routes {
  return readRoutes(openControl(nodeSystem([]), temporaryHome(controls)));
}

test('control/locals decides, whatever the case; without the file, control/me does', () => {
  const routes = routesOf({ me: 'hub.example\n', locals: 'Local.Example\n' });
  assert.deepEqual(route(routes, 'Joe@LOCAL.example'), { channel: 'local', address: 'Joe@LOCAL.example' });
  assert.equal(route(routes, 'joe@hub.example').channel, 'remote');
  assert.equal(route(routesOf({ me: 'hub.example\n' }), 'joe@hub.example').channel, 'local');
  assert.equal(route(routesOf({ me: 'hub.example\n', locals: '' }), 'joe@hub.example').channel, 'remote');
});

test('a recipient without a host gets envnoathost, and percenthack is undone as often as it applies', () => {
  const routes = routesOf({ me: 'hub.example\n', envnoathost: 'no.example\n', percenthack: 'hub.example\n' });
  assert.equal(route(routes, 'root').address, 'root@no.example');
  assert.equal(route(routes, 'a%b%hub.example@hub.example').address, 'a@b');
  assert.equal(route(routes, 'a%b@other.example').address, 'a%b@other.example');
  assert.deepEqual(route(routes, 'a%HUB.example@Hub.Example'), {
    channel: 'local',
    address: 'a@HUB.example',
  });
});

const virtual = routesOf({
  me: 'hub.example\n',
  percenthack: 'percent.example\n',
  virtualdomains:
    'virt.example:joe\nu@virt.example:joe-special\n.suf.example:suf\n.deep.suf.example:deep\n' +
    'exc.suf.example:\nhub.example:never\ndup.example:first\nDUP.example:second\nlast:with:colon\nno colon\n',
});

test('virtual domains: the address, its domain, its parts from each dot on, in this order', () => {
  const address = (recipient: string) => {
    const to = route(virtual, recipient);
    return to.channel === 'local' ? to.address : 'remote';
  };
  assert.equal(address('a@virt.example'), 'joe-a@virt.example');
  assert.equal(address('A@Virt.Example'), 'joe-A@Virt.Example');
  assert.equal(address('U@VIRT.example'), 'joe-special-U@VIRT.example');
  assert.equal(address('a@b.suf.example'), 'suf-a@b.suf.example');
  assert.equal(address('a@b.c.suf.example'), 'suf-a@b.c.suf.example');
  assert.equal(address('a@b.deep.suf.example'), 'deep-a@b.deep.suf.example');
  assert.equal(address('a@suf.example'), 'remote');
  assert.equal(address('a@exc.suf.example'), 'remote');
  assert.equal(address('a@b.exc.suf.example'), 'suf-a@b.exc.suf.example');
  assert.equal(address('a@dup.example'), 'second-a@dup.example');
  assert.equal(address('a@last'), 'with:colon-a@last');
  assert.equal(address('a@no colon'), 'remote');
  assert.equal(address('a@elsewhere.example'), 'remote');
});

test('a local domain is never virtual, and rewriting comes before both', () => {
  assert.deepEqual(route(virtual, 'a@hub.example'), { channel: 'local', address: 'a@hub.example' });
  assert.equal(route(virtual, 'a%virt.example@percent.example').address, 'joe-a@virt.example');
});

test('an entry without a key takes everything, except what an empty entry excludes', () => {
  const routes = routesOf({ me: 'hub.example\n', virtualdomains: ':all\nnot.example:\nu@not2.example:\n' });
  assert.equal(route(routes, 'q@any.thing').address, 'all-q@any.thing');
  assert.equal(route(routes, 'q@not.example').channel, 'remote');
  assert.equal(route(routes, 'u@not2.example').channel, 'remote');
  assert.equal(route(routes, 'v@not2.example').address, 'all-v@not2.example');
});

test("a prefix that a domain's entry has put there is taken off again", () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom('virt.example', 'x.suf.example', 'exc.suf.example', 'dup.example', 'other.example'),
      (local, domain) => {
        // An entry for one address is not looked for where only a domain is known.
        fc.pre(local.toLowerCase() !== 'u' && !local.includes('@'));
        const recipient = `${local}@${domain}`;
        const to = route(virtual, recipient);
        assert.equal(to.channel === 'local' ? withoutPrefix(virtual, to.address) : recipient, recipient);
      },
    ),
  );
  assert.equal(withoutPrefix(virtual, 'other-a@virt.example'), 'other-a@virt.example');
  assert.equal(withoutPrefix(virtual, 'a@hub.example'), 'a@hub.example');
});
