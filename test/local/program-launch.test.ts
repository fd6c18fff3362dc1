import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Launch, launchProgram } from '../../src/local/program-launch.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';

/** What the command printed, and how it ended. */
async function launched(launch: Partial<Launch> & Pick<Launch, 'command'>, input = '/dev/null') {
  const home = launch.home ?? temporaryDirectory();
  const stdin = openSync(input, 'r');
  const path = `${temporaryDirectory()}/output`;
  const output = openSync(path, 'a');
  const child = launchProgram({
    environment: { HOME: home, PATH: '/usr/bin:/bin' },
    stdio: [stdin, output, output],
    system: nodeSystem([]),
    home,
    ...launch,
  });
  const [exit] = await once(child, 'exit');
  for (const descriptor of [stdin, output]) closeSync(descriptor);
  return { home, exit, output: readFileSync(path, 'latin1') };
}

const lines = { DTLINE: 'Delivered-To: a@b\n', RPLINE: 'Return-Path: <>\n', UFLINE: 'From a\n' };

/** Values that are text, and values that only pass as bytes: both ways of starting must do the same. */
const ways = { text: 'j\xc3\xb6e', bytes: 'j\xf6e \x81\x88\xff' };

for (const [way, local] of Object.entries(ways)) {
  const home = temporaryDirectory();
  const environment = { HOME: home, LOCAL: local, PATH: '/usr/bin:/bin', ...lines };

  test(`as ${way}: exactly the environment, byte for byte`, async () => {
    const { exit, output } = await launched({ command: 'exec env -0', home, environment });
    assert.equal(exit, 0);
    const own = ['PWD', 'OLDPWD', 'SHLVL', '_'];
    const variables = output.split('\0').filter((entry) => !own.includes(entry.split('=')[0] ?? ''));
    const expected = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    assert.deepEqual(variables.sort(), ['', ...expected].sort());
  });

  test(`as ${way}: the command, the home, the exit code`, async () => {
    const command = `printf '%s ' "it's $LOCAL" 'a\\b'; pwd; printf %s "${local}"; exit 7`;
    const { exit, output } = await launched({ command, home, environment });
    assert.deepEqual({ exit, output }, { exit: 7, output: `it's ${local} a\\b ${home}\n${local}` });
  });

  test(`as ${way}: nothing in a value is carried out`, async () => {
    const evil = `${local} $(touch made) \`touch made\` ; touch made ' " \\ * ~ -n`;
    const { output } = await launched({
      command: 'printf "%s|" "$SENDER" "$LOCAL"; ls',
      home,
      environment: { ...environment, SENDER: evil },
    });
    assert.equal(output, `${evil}|${local}|`);
  });

  test(`as ${way}: three descriptors, the first at its first byte, and a group of its own`, async () => {
    const { output } = await launched(
      {
        command:
          'head -c 5; echo; ls /proc/$$/fd; [ "$(ps -o pgid= -p $$ | tr -d " ")" = $$ ] && echo leader',
        home,
        environment,
      },
      new URL(import.meta.url).pathname,
    );
    // What a child of this process inherits anyhow is none of ours.
    const inherited = spawnSync('/bin/sh', ['-c', 'ls /proc/$$/fd'], { encoding: 'latin1' }).stdout;
    assert.equal(output, `impor\n${inherited}leader\n`);
  });
}

test('a home that is no UTF-8', async () => {
  const environment = { HOME: '/nonexistent/\xff', ...lines };
  const { exit } = await launched({ command: 'exit 0', home: '/nonexistent/\xff', environment });
  assert.equal(exit, 111);
});
