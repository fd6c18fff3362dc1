/** The systemd units of the collector: systemd itself looks at them. */
import { match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { findProgram } from '../support/foreign.ts';
import { privateHostMissing, startPrivateHost } from '../support/private-host.ts';
import { textOfFile } from '../support/sources.ts';
import { top } from '../support/top.ts';

const missing =
  privateHostMissing || (findProgram('systemd-analyze') === undefined && 'systemd-analyze: not installed');

const units = ['.socket', '.service', '-flush.service', '-flush.timer'].map(
  (end) => `mini-qmail-collector${end}`,
);

test('systemd finds nothing wrong with the units of the collector', { skip: missing }, async () => {
  const host = await startPrivateHost({ binds: { '/tree': top } });
  try {
    await host.sh(`
      mkdir -p /var/qmail/bin
      for name in qmail-collectd qmail-flush; do cp /bin/true /var/qmail/bin/$name; done
      cp ${units.map((unit) => `/tree/scripts/service/${unit}`).join(' ')} /etc/systemd/system`);
    const paths = units.map((unit) => `/etc/systemd/system/${unit}`);
    const { exit, stdout, stderr } = await host.run(['systemd-analyze', '--man=no', 'verify', ...paths]);
    const said = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('mini-qmail'));
    strictEqual(said.join('\n'), '');
    strictEqual(exit, 0);
  } finally {
    await host.close();
  }
});

test('socket and service mean the same places, and the collector and its flush the same user', () => {
  const [socket = '', service = '', flush = ''] = units.map((unit) => textOfFile(`scripts/service/${unit}`));
  const directory = /^ListenStream=(.*)\/intake$/m.exec(socket)?.[1] ?? '';
  match(service, new RegExp(`^ExecStart=/var/qmail/bin/qmail-collectd ${directory}$`, 'm'));
  strictEqual(`/run/${/^RuntimeDirectory=(.*)$/m.exec(service)?.[1]}`, `${directory}/proof`);
  match(service, /^RuntimeDirectoryMode=1733$/m);
  match(socket, /^SocketMode=0666$/m);
  for (const line of [
    'User=mini-qmail',
    'StateDirectory=mini-qmail',
    'Environment=QMAILHOME=/var/lib/mini-qmail',
    'DynamicUser=yes',
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
  ]) {
    for (const unit of [service, flush]) match(unit, new RegExp(`^${line}$`, 'm'));
  }
});
