import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { bytesOf, type Stream, textOf } from '../../../src/system/index.ts';
import { connectProgram } from '../../../src/system/node/connect-program.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { until } from '../../support/until.ts';

const timeoutMs = 20_000;

function shell(script: string, ...args: readonly string[]): Promise<Stream> {
  return connectProgram({ program: '/bin/sh', args: ['-c', script, 'sh', ...args], env: { EXTRA: 'more' } });
}

async function readAll(stream: Stream): Promise<string> {
  let text = '';
  for (let bytes = await stream.read(timeoutMs); bytes !== undefined; bytes = await stream.read(timeoutMs))
    text += textOf(bytes);
  return text;
}

test('what is written is its descriptor 0, what is read its 1, and it has none of ours', async () => {
  const open = nodeSystem([]).files.openTemporary();
  const script = 'read line; echo "$1 $EXTRA $line"; test -e "/proc/$$/fd/$2" || echo none';
  const stream = await shell(script, 'one', String(open));
  await stream.write(bytesOf('hello\n'), timeoutMs);
  assert.equal(await readAll(stream), 'one more hello\nnone\n');
  stream.close();
  stream.close();
});

test('it may be silent, or end without having read', async () => {
  const silent = await shell('exec sleep 1000');
  await assert.rejects(silent.read(50), { code: 'ETIMEDOUT' });
  silent.close();
  const deaf = await shell('exit 3');
  assert.equal(await deaf.read(timeoutMs), undefined);
  await assert.rejects(
    async () => {
      for (;;) await deaf.write(new Uint8Array(65_536), timeoutMs);
    },
    { code: 'EPIPE' },
  );
  deaf.close();
});

test('closing ends it, and whom it has started', async () => {
  const file = `${temporaryDirectory()}/pids`;
  const stream = await shell(`sleep 1000 & echo $$ $! >'${file}'; echo up; wait`);
  assert.equal(textOf((await stream.read(timeoutMs)) ?? new Uint8Array()), 'up\n');
  stream.close();
  const isGone = (pid: string) =>
    !existsSync(`/proc/${pid}`) || /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  const pids = readFileSync(file, 'latin1').trim().split(' ');
  await until('the end of both', () => pids.every(isGone) || undefined);
});

test('what cannot be started is an error', async () => {
  const start = (program: string) => connectProgram({ program, args: [] });
  await assert.rejects(start('/nonexistent/program'), { code: 'ENOENT', message: /\/nonexistent\/program/ });
  await assert.rejects(start('/etc/passwd'), { code: 'EACCES' });
});
