import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../../src/control/index.ts';
import { qmtpServerLimits, readQmtpServerLimits } from '../../../src/serve/index.ts';
import { parserLimits } from '../../../src/serve/qmtp/limits.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { temporaryHome } from '../../support/home.ts';

const read = (controls: Readonly<Record<string, string>>) =>
  readQmtpServerLimits(openControl(nodeSystem([]), temporaryHome(controls)));

test('control files set limits', () => {
  deepStrictEqual(read({}), qmtpServerLimits);
  const { messageBytesMax, connectionsMax, connectionsPerPeerMax, idleMs } = read({
    databytes: '5000',
    concurrencyqmtp: '7',
    concurrencyqmtpperip: '3',
    timeoutqmtpd: '9999999',
  });
  deepStrictEqual([messageBytesMax, connectionsMax, connectionsPerPeerMax, idleMs], [5000, 7, 3, 3_600_000]);
  const rates = read({ qmtpconnectionrate: '5', qmtpmessagerate: '6' });
  deepStrictEqual([rates.connectionsPerMinuteMax, rates.messagesPerMinuteMax], [5, 6]);
  strictEqual(read({ databytes: '0' }).messageBytesMax, 2_000_000_000);
});

test('of a message more is read than is taken', () => {
  const { messageBytesMax, excessBytesMax } = qmtpServerLimits;
  strictEqual(parserLimits(qmtpServerLimits).messageBytesMax, messageBytesMax + excessBytesMax);
});
