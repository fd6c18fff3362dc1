import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { callHere } from '../support/alias-peers.ts';
import { findProgram, needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';
import { type NamedCase, vectors } from '../support/vectors.ts';

interface Check {
  readonly env: Readonly<Record<string, string>>;
  readonly exit: number;
  readonly stdout: string;
}

interface Case extends NamedCase {
  readonly rules: string;
  readonly checks?: readonly Check[];
}

async function compile(rules: string) {
  const path = `${temporaryDirectory()}/rules.cdb`;
  const { exit, stderr } = await callHere({ program: 'tcprules', args: [path, `${path}.tmp`], stdin: rules });
  return { path, exit, stderr };
}

vectors<Case>({
  file: 'tcprules.json',
  async run({ rules, checks = [] }) {
    const { path, exit, stderr } = await compile(rules);
    if (!existsSync(path)) return { exit, stderr };
    const checked: Check[] = [];
    for (const { env } of checks) {
      const said = await callHere({ program: 'tcprulescheck', args: [path], env });
      checked.push({ env, exit: said.exit, stdout: said.stdout });
    }
    return { exit, stderr, cdb: readFileSync(path, 'latin1'), checks: checked };
  },
});

const rules = `# who may
joe@192.0.2.7:allow,WHO="joe"
192.0.2.7:allow,WHO="host",RELAYCLIENT=""
192.0.2.8-11:deny
192.0.2.:allow,WHO=/net/
=mail.example:allow,WHO="name"
=.example:deny
=:allow,WHO="named"
:deny
192.0.2.7:deny
no rule at all
`;

const clients: readonly Readonly<Record<string, string>>[] = [
  { TCPREMOTEIP: '192.0.2.7', TCPREMOTEINFO: 'joe' },
  { TCPREMOTEIP: '192.0.2.7', TCPREMOTEHOST: 'mail.example' },
  { TCPREMOTEIP: '192.0.2.9' },
  { TCPREMOTEIP: '192.0.2.99' },
  { TCPREMOTEIP: '198.51.100.1', TCPREMOTEHOST: 'mail.example' },
  { TCPREMOTEIP: '198.51.100.1', TCPREMOTEHOST: 'a.b.example' },
  { TCPREMOTEIP: '198.51.100.1', TCPREMOTEHOST: 'other.test' },
  { TCPREMOTEIP: '198.51.100.1' },
  {},
];

test(
  "Debian's tools and ours read what the other writes, and find the same",
  needs('tcprules', 'tcprulescheck'),
  async () => {
    const ours = await compile(rules);
    const theirs = `${temporaryDirectory()}/theirs.cdb`;
    const made = spawnSync(findProgram('tcprules') ?? '', [theirs, `${theirs}.tmp`], { input: rules });
    strictEqual(made.status, 0, String(made.stderr));
    deepStrictEqual(readFileSync(ours.path), readFileSync(theirs));
    for (const env of clients) {
      const debian = spawnSync(findProgram('tcprulescheck') ?? '', [ours.path], {
        env: { ...env },
        encoding: 'latin1',
      });
      const here = await callHere({ program: 'tcprulescheck', args: [theirs], env });
      deepStrictEqual([here.exit, here.stdout], [debian.status, debian.stdout], JSON.stringify(env));
    }
  },
);

test('what cannot be understood or written leaves the old file', async () => {
  const directory = temporaryDirectory();
  const path = `${directory}/rules.cdb`;
  writeFileSync(path, 'old');
  const bad = await callHere({ program: 'tcprules', args: [path, `${path}.tmp`], stdin: 'x:maybe\n' });
  strictEqual(bad.exit, 100);
  match(bad.stderr, /^tcprules: fatal: unable to parse this line: x:maybe\n$/);
  const lost = await callHere({ program: 'tcprules', args: [path, '/no/such/place'], stdin: ':deny\n' });
  strictEqual(lost.exit, 111);
  deepStrictEqual(readdirSync(directory), ['rules.cdb']);
  strictEqual(readFileSync(path, 'latin1'), 'old');
  for (const args of [[], [path], [path, 'a', 'b']])
    strictEqual((await callHere({ program: 'tcprules', args })).exit, 100);
});
