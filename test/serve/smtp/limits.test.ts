import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../../src/control/index.ts';
import { messageBytesMax, readSmtpServerLimits, smtpServerLimits } from '../../../src/serve/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { temporaryHome } from '../../support/home.ts';

const read = (files: Readonly<Record<string, string>>) =>
  readSmtpServerLimits(openControl(nodeSystem([]), temporaryHome(files)));

test('without control files the limits are the documented ones', () => {
  deepStrictEqual(read({}), smtpServerLimits);
});

test('control files change some of them, within what is sensible', () => {
  const own = read({
    databytes: '1000\n',
    smtprecipients: '5\n',
    concurrencysmtp: '0\n',
    concurrencysmtpperip: '7\n',
    timeoutsmtpd: '9\n',
    smtpconnectionrate: '30\n',
    smtpmessagerate: '40\n',
  });
  deepStrictEqual(own, {
    ...smtpServerLimits,
    messageBytesMax: 1000,
    recipientsMax: 5,
    connectionsMax: 1,
    connectionsPerPeerMax: 7,
    idleMs: 9000,
    crowdedIdleMs: 9000,
    connectionsPerMinuteMax: 30,
    messagesPerMinuteMax: 40,
    commandMs: 9000,
  });
});

test('0 bytes are no limit of the operator’s', () => {
  strictEqual(messageBytesMax(0), smtpServerLimits.messageBytesMax);
  strictEqual(messageBytesMax(1), 1);
  strictEqual(messageBytesMax(1e15), smtpServerLimits.messageBytesMax);
});
