import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { createResolver } from '../../src/dns/index.ts';
import { openRemote, timeoutsFile } from '../../src/remote/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { startDnsServer } from '../support/mail-dns.ts';
import { remoteSettings } from '../support/remote-settings.ts';

test('it speaks SMTP, and remembers timeouts in its home', async (context) => {
  const { address } = await startDnsServer(context, {});
  const home = temporaryDirectory();
  const settings = { current: () => remoteSettings() };
  mkdirSync(`${home}/queue`);
  const remote = openRemote({
    system: nodeSystem([]),
    home,
    settings,
    resolver: createResolver({ servers: [address] }),
  });
  deepStrictEqual(Object.keys(remote.transports), ['smtp', 'qmtp']);
  remote.timeouts.timedOut('192.0.2.1');
  strictEqual(existsSync(`${home}/${timeoutsFile}`), true);
  strictEqual(remote.hopOptions(remoteSettings({ moreipme: '192.0.2.3\n' })).isOwn('192.0.2.3'), true);
  strictEqual(await remote.findPolicy('d.test'), undefined);
});
