import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { createSerialDelivery } from '../../src/programs/serial-delivery.ts';
import type { SerialReport } from '../../src/programs/serial-report.ts';
import { type Connection, type Outgoing, openRemote } from '../../src/remote/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { makeMaildir } from '../support/maildir.ts';
import { remoteSettings } from '../support/remote-settings.ts';

test('one connection as long as it lasts, and each message reported in one line', async () => {
  const system = nodeSystem([]);
  const settings = remoteSettings();
  const sent: Outgoing[] = [];
  let opened = 0;
  const open = async () => {
    opened += 1;
    let isOpen = true;
    const connection: Connection = {
      async deliver(outgoing) {
        sent.push(outgoing);
        isOpen = sent.length !== 2;
        return { recipients: [], message: { verdict: 'K', text: 'one\ntwo\n' }, undecided: false };
      },
      get isOpen() {
        return isOpen;
      },
      close() {},
    };
    return { ok: true as const, connection };
  };
  const remote = openRemote({ system, home: temporaryDirectory(), settings: { current: () => settings } });
  const relay = { host: '127.0.0.1', port: 209 };
  const route = { protocol: 'qmtp', relay, tls: 'may', implicitTls: false, user: undefined } as const;
  const client = createSerialDelivery({
    system,
    sender: { ...remote, transports: { qmtp: { open } } },
    destination: { route, domain: 'hub' },
    settings,
    prefix: 'p-',
  });
  const maildir = makeMaildir();
  for (const name of ['1', '2', '3'])
    maildir.put(`new/${name}`, 'Return-Path: <s>\nDelivered-To: p-r@h\nSubject: x\n');
  maildir.put('new/4', 'no head\n');
  const reports: SerialReport[] = [];
  const names = ['new/1', 'new/2', 'new/3', 'new/4', 'new/5'];
  const take = async (report: SerialReport) => {
    reports.push(report);
  };
  strictEqual(await client({ directory: maildir.path, names, take }), 0);
  deepStrictEqual(
    reports.map(({ verdict }) => verdict),
    ['K', 'K', 'K', 'Z', 'Z'],
  );
  strictEqual(reports[0]?.text, 'one/two');
  match(reports[4]?.text ?? '', /ENOENT|no such file/);
  strictEqual(opened, 2);
  deepStrictEqual(sent[0]?.recipients, ['r@h']);
});
