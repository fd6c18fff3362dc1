import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveryEnvironment, deliveryVariables } from '../../src/programs/delivery-environment.ts';
import { deliveryEnv } from '../support/delivery.ts';

test('entries come in the order that was asked for', () => {
  assert.deepEqual(deliveryEnvironment('DTLINE', 'SENDER'), [
    ['DTLINE', deliveryVariables.DTLINE],
    ['SENDER', deliveryVariables.SENDER],
  ]);
});

test('every variable is one that tests set as a delivery does', () => {
  for (const name of Object.keys(deliveryVariables)) assert.ok(Object.hasOwn(deliveryEnv, name), name);
});
