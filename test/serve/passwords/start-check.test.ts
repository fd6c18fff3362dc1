import { rejects, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { startCheck } from '../../../src/serve/passwords/start-check.ts';
import { bytesOf } from '../../../src/system/index.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { script } from '../../support/script.ts';

const login = bytesOf('joe\0secret\0\0');

test('what it runs has the connection on descriptors 0 and 1', async () => {
  const { child, ended } = startCheck({
    command: [
      script('cat <&3 >/dev/null; exec 3<&-; exec "$@"'),
      'sh',
      '-c',
      'read line; echo "got $line"; exit 7',
    ],
    login,
    remoteIp: '192.0.2.7',
    stdio: ['pipe', 'pipe'],
  });
  let output = '';
  child.stdout?.setEncoding('latin1').on('data', (text: string) => {
    output += text;
  });
  child.stdin?.write('a line\n');
  strictEqual(await ended, 7);
  if (child.stdout?.readableEnded === false)
    await new Promise((resolve) => child.stdout?.once('end', resolve));
  strictEqual(output, 'got a line\n');
});

test('it can be ended from here', async () => {
  const check = startCheck({
    command: [script('sleep 1000')],
    login,
    remoteIp: '192.0.2.7',
    stdio: ['ignore', 'ignore'],
  });
  check.kill();
  strictEqual(await check.ended, 'SIGKILL');
  // Once more does not hurt.
  check.kill();
});

test('a program that is not there', async () => {
  const missing = `${temporaryDirectory()}/missing`;
  const { ended, kill } = startCheck({
    command: [missing],
    login,
    remoteIp: '::1',
    stdio: ['ignore', 'ignore'],
  });
  await rejects(ended, { code: 'ENOENT' });
  kill();
});

test('without descriptors to spare it throws, and the caller goes on', () => {
  const source = new URL('../../../src/serve/passwords/start-check.ts', import.meta.url).href;
  const program = `
    import { openSync } from 'node:fs';
    import { startCheck } from ${JSON.stringify(source)};
    try { for (;;) openSync('/dev/null', 'r'); } catch {}
    let text = 'started';
    const start = { command: ['/bin/true'], login: new Uint8Array(3), remoteIp: '', stdio: ['pipe', 'pipe'] };
    try { startCheck({ ...start, msMax: 60_000 }); }
    catch (error) { text = error.message; }
    setTimeout(() => console.log(text), 50);`;
  // Node raises its soft limit to the hard one.
  const node = `ulimit -n 40; exec '${process.execPath}' --input-type=module -e "$0"`;
  const ended = spawnSync('/bin/bash', ['-c', node, program], { encoding: 'utf8' });
  strictEqual(ended.stderr, '');
  strictEqual(ended.stdout, 'there are too few descriptors for a process\n');
});
