import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import { qmqpServerLimits, readQmqpServerLimits } from '../../src/serve/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

function limitsOf(controls: Readonly<Record<string, string>>) {
  return readQmqpServerLimits(openControl(nodeSystem([]), temporaryHome(controls)));
}

test('without control files the limits are the documented ones', () => {
  deepStrictEqual(limitsOf({}), qmqpServerLimits);
});

test('control files set them', () => {
  const limits = limitsOf({
    qmqpdatabytes: '1000\n',
    qmqprecipients: '10\n',
    concurrencyqmqp: '5\n',
    concurrencyqmqpperip: '2\n',
    timeoutqmqpd: '30\n',
  });
  deepStrictEqual(limits, {
    ...qmqpServerLimits,
    messageBytesMax: 1000,
    recipientsMax: 10,
    connectionsMax: 5,
    connectionsPerPeerMax: 2,
    idleMs: 30_000,
  });
});

test('no number, 0 and more than the maximum', () => {
  const { messageBytesMax, recipientsMax, idleMs, connectionsMax } = limitsOf({
    qmqpdatabytes: '99999999999\n',
    qmqprecipients: 'many\n',
    concurrencyqmqp: '0\n',
    timeoutqmqpd: '999999\n',
  });
  deepStrictEqual([messageBytesMax, recipientsMax], [2_000_000_000, 50_000]);
  deepStrictEqual([idleMs, connectionsMax], [3_600_000, 1]);
});
