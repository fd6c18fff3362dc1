import { strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { directoryIn } from '../../src/satellite/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

test('a directory that a control file names, relative to the home, or none', () => {
  const home = temporaryHome({ collector: '/run/collector\n', drop: 'drop\n' });
  const system = { ...nodeSystem([]), env: () => home };
  strictEqual(directoryIn(system, 'collector'), '/run/collector');
  strictEqual(directoryIn(system, 'drop'), `${home}/drop`);
  const bare = temporaryHome({});
  strictEqual(directoryIn({ ...system, env: () => bare }, 'drop'), undefined);
});

test('a file that names nothing is a mistake', () => {
  const home = temporaryHome({ drop: '\n' });
  throws(
    () => directoryIn({ ...nodeSystem([]), env: () => home }, 'drop'),
    /control\/drop names no directory/,
  );
});
