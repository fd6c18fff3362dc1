import { strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { keyOwner } from '../../src/programs/key-owner.ts';
import { nodeSystem } from '../../src/system/node/index.ts';

const as = (uid: number) => ({ ...nodeSystem([]), uid });

test('a key is for who was named, for the hub’s user, or for the caller', () => {
  strictEqual(keyOwner(as(0), 'nobody', 'root')?.name, 'nobody');
  strictEqual(keyOwner(as(0), undefined, 'nobody')?.name, 'nobody');
  strictEqual(keyOwner(as(0), undefined, 'no-such-user'), undefined);
  strictEqual(keyOwner(as(1000), undefined, 'nobody'), undefined);
  throws(() => keyOwner(as(0), 'no-such-user', 'nobody'), /no-such-user/);
});
