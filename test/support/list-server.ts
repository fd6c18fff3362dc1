/** Lists in DNS on a real server: Debian's dnsmasq on the loopback. */
import { type ChildProcess, spawn } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { after } from 'node:test';
import { findProgram } from './foreign.ts';
import { until } from './until.ts';
import { unusedPort } from './unused-port.ts';

const running = new Set<ChildProcess>();

after(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** Why there can be none, or false. */
export const listServerMissing: string | false =
  findProgram('dnsmasq') === undefined && 'dnsmasq: not installed';

/** Options of dnsmasq for two lists: bad.test, on which 127.0.0.2 (RFC 5782 5) and 2001:db8::7 are, and good.test. */
export const listRecords: readonly string[] = [
  '--local=/test/',
  '--host-record=2.0.0.127.bad.test,127.0.0.2',
  '--txt-record=2.0.0.127.bad.test,listed for a test',
  '--host-record=8.2.0.192.bad.test,127.0.0.3',
  '--host-record=8.2.0.192.good.test,127.0.0.2',
  `--host-record=7.0.0.0.${'0.'.repeat(20)}8.b.d.0.1.0.0.2.bad.test,127.0.0.2`,
];

/** ADDRESS:PORT, when it answers. */
export async function startListServer(): Promise<string> {
  const port = await unusedPort();
  const options = [
    '--no-daemon',
    '--no-resolv',
    '--no-hosts',
    '--conf-file=/dev/null',
    '--listen-address=127.0.0.1',
    '--bind-interfaces',
  ];
  const child = spawn(
    findProgram('dnsmasq') ?? '',
    [...options, '--user=root', '--pid-file', `--port=${port}`, ...listRecords],
    {
      stdio: 'ignore',
    },
  );
  running.add(child);
  const server = `127.0.0.1:${port}`;
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([server]);
  await until('the list server', async () => {
    const found = await resolver.resolve4('2.0.0.127.bad.test').catch(() => []);
    return found.length > 0 || undefined;
  });
  return server;
}
