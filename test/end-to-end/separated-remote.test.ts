/** The hub that root starts sends to other hosts as qmailr: over kept connections, by its control files, and not as root. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { findProgram } from '../support/foreign.ts';
import { hubIds } from '../support/hub-host.ts';
import { separatedHubMissing, startSeparatedHub } from '../support/separated-hub.ts';
import { until } from '../support/until.ts';

const sink = findProgram('smtp-sink');
const skip = separatedHubMissing || (sink === undefined && 'smtp-sink: not installed (Debian: postfix)');

const message = 'From: ann@hub.test\nSubject: x\n\nbody\n';

test('mail for other hosts', { skip }, async (context) => {
  const hub = await startSeparatedHub({
    users: ['ann'],
    controls: { smtproutes: ':127.0.0.1:2525\ndown.test:127.0.0.1:2526\n' },
    args: ['./Maildir/'],
    async prepare(host) {
      const start = `mkdir /srv/sink
chmod 777 /srv/sink
setsid ${sink} -u nobody -D /srv/sink/all 127.0.0.1:2525 100 >/dev/null 2>&1 </dev/null &
until (exec 3<>/dev/tcp/127.0.0.1/2525) 2>/dev/null; do sleep 0.05; done`;
      strictEqual((await host.run(['bash', '-ec', start])).exit, 0);
    },
  });
  context.after(() => hub.close());
  const received = () =>
    readFileSync(`${hub.host.root}/srv/sink/all`, 'latin1')
      .split('\n')
      .filter((line) => line.startsWith('X-Rcpt-Args'));

  await hub.send('ann@hub.test', ['a@far.test', 'b@far.test', 'c@other.test'], message);
  await hub.count(/^delivery \d+: success: 127\.0\.0\.1_accepted_message\.\/Remote_host_said:_250_/, 3);
  await until('three recipients', () => (received().length === 3 ? true : undefined));

  const spawner = hub.processes().find(({ words }) => words[0] === 'qmail-rspawn');
  const status = readFileSync(`/proc/${spawner?.pid}/status`, 'latin1');
  match(status, new RegExp(`^Uid:\\t${hubIds.qmailr.uid}\\t${hubIds.qmailr.uid}`, 'm'));

  await hub.send('ann@hub.test', ['a@down.test'], message);
  await hub.line(/^delivery \d+: deferral: Unable_to_connect_to_127\.0\.0\.1:_.*_\(#4\.4\.1\)\/$/);

  const program = '/usr/local/bin/instead';
  writeFileSync(`${hub.host.root}${program}`, "#!/bin/sh\nprintf 'Kinstead\\0'\n", { mode: 0o755 });
  writeFileSync(`${hub.host.root}/var/qmail/control/qmailremote`, `${program}\n`);
  await hub.send('ann@hub.test', ['d@far.test'], message);
  await hub.line(/^delivery \d+: success: instead/);
  strictEqual(await hub.stop(), 0);
  deepStrictEqual(hub.processes(), []);
  ok(hub.lines.includes('status: exiting'));
});
