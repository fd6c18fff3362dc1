import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import { programSecondsDefault, readProgramMsMax } from '../../src/programs/program-time.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

test('programs run for as long as control/timeoutprogram says, and for a second at least', () => {
  const read = (controls: Readonly<Record<string, string>>) =>
    readProgramMsMax(openControl(nodeSystem([]), temporaryHome(controls)));
  assert.equal(read({}), programSecondsDefault * 1000);
  assert.equal(read({ timeoutprogram: '5\n' }), 5000);
  assert.equal(read({ timeoutprogram: '0\n' }), 1000);
});
