import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../../src/control/index.ts';
import { popupLimits, readPopupLimits } from '../../../src/serve/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { temporaryHome } from '../../support/home.ts';

test('control files change how many there may be', () => {
  const read = (files: Readonly<Record<string, string>>) =>
    readPopupLimits(openControl(nodeSystem([]), temporaryHome(files)));
  strictEqual(read({}).connectionsMax, popupLimits.connectionsMax);
  const own = read({ concurrencypop3: '7\n', concurrencypop3perip: '3\n', pop3connectionrate: '5\n' });
  strictEqual(own.connectionsMax, 7);
  strictEqual(own.connectionsPerPeerMax, 3);
  strictEqual(own.connectionsPerMinuteMax, 5);
});
