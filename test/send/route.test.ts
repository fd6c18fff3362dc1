import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import { readRoutes, route } from '../../src/send/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

function routesOf(controls: Readonly<Record<string, string>>) {
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
});
