import { deepStrictEqual, strictEqual, throws } from 'node:assert';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import { concurrencyMax, readHubSettings } from '../../src/programs/hub-settings.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

function settingsOf(controls: Readonly<Record<string, string>>) {
  return readHubSettings(openControl(nodeSystem([]), temporaryHome(controls)));
}

test('a hub needs a name, and has defaults for all else', () => {
  const settings = settingsOf({ me: 'hub.test\n' });
  strictEqual(settings.me, 'hub.test');
  deepStrictEqual(settings.concurrency, { local: 10, remote: 20 });
  strictEqual(settings.queueLifetimeMs, 7 * 24 * 3600 * 1000);
  strictEqual(settings.memoryMs, 7 * 24 * 3600 * 1000);
  strictEqual(settings.bounces.doubleBounceTo, 'postmaster@hub.test');
  for (const controls of [{}, { me: '\n' }]) {
    throws(() => settingsOf(controls), /control\/me is (missing|empty): write this host's name into it/);
  }
});

test('what the files say counts, within limits', () => {
  const settings = settingsOf({
    me: 'hub.test\n',
    concurrencylocal: '0\n',
    concurrencyremote: '1000000\n',
    queuelifetime: '60\n',
    submissionmemory: '60\n',
    qmqprecipients: '7\n',
  });
  deepStrictEqual(settings.concurrency, { local: 0, remote: concurrencyMax });
  strictEqual(settings.queueLifetimeMs, 60_000);
  strictEqual(settings.memoryMs, 60_000);
  strictEqual(settings.qmqp.recipientsMax, 7);
});

test('a file that cannot be read is named', () => {
  const home = temporaryHome({ me: 'hub.test\n' });
  mkdirSync(`${home}/control/virtualdomains`);
  throws(() => readHubSettings(openControl(nodeSystem([]), home)), /control\/virtualdomains/);
});
