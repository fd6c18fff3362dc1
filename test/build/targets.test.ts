import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { findTarget, isHere, targets } from '../../build/targets.ts';
import { textOfFile } from '../support/sources.ts';

test('a target is found by its name, and without one it is this machine', () => {
  for (const target of targets) strictEqual(findTarget(target.name), target);
  strictEqual(isHere(findTarget(undefined)), true);
});

test('an unknown target is refused, and the known ones are named', () => {
  throws(() => findTarget('vax-ultrix'), /vax-ultrix; targets: linux-x64 linux-arm64/);
});

test("every target's Node comes from a package that package.json asks for", () => {
  const { optionalDependencies } = JSON.parse(textOfFile('package.json'));
  const missing = targets.filter((target) => !(target.nodePackage in optionalDependencies));
  deepStrictEqual(missing, []);
});
