import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import { readRoutes } from '../../src/send/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

test('lists are in lower case, and of one key the last line counts', () => {
  const home = temporaryHome({
    me: 'Hub.Example\n',
    locals: 'A.example\n# comment\n\nb.EXAMPLE \n',
    percenthack: 'P.example\n',
    virtualdomains: 'V.example:One\nnothing\nv.Example:Two:2\n:All\ne.example:\n',
  });
  assert.deepEqual(readRoutes(openControl(nodeSystem([]), home)), {
    locals: new Set(['a.example', 'b.example']),
    percenthack: new Set(['p.example']),
    envnoathost: 'Hub.Example',
    virtualdomains: new Map([
      ['v.example', 'Two:2'],
      ['', 'All'],
      ['e.example', ''],
    ]),
  });
});

test('without the files only this host is local', () => {
  assert.deepEqual(readRoutes(openControl(nodeSystem([]), temporaryHome({ me: 'Hub.Example\n' }))), {
    locals: new Set(['hub.example']),
    percenthack: new Set(),
    envnoathost: 'Hub.Example',
    virtualdomains: new Map(),
  });
});
