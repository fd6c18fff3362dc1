/** src/tiny/connect-program.ts: a program between us and a peer. */
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory } from '../support/home.ts';
import { openTinyBody, type TinyBody, tinyMissing } from '../support/tiny-body.ts';
import { until } from '../support/until.ts';

const longMs = 20_000;

const skip = tinyMissing;

function shell({ start }: TinyBody, script: string, ...args: readonly string[]): Promise<unknown> {
  const words = ['-c', script, 'sh', ...args];
  return start('connectProgram', { program: '/bin/sh', args: words, env: { EXTRA: 'more' } });
}

test('what is written is its descriptor 0, what is read its 1, and it has none of ours', {
  skip,
}, async (context) => {
  const body = await openTinyBody(context);
  const open = body.call('openTemporary');
  const script = 'read line; echo "$1 $EXTRA $line"; test -e "/proc/$$/fd/$2" || echo none';
  const stream = await shell(body, script, 'one', String(open));
  await body.start('streamWrite', stream, 'hello\n', longMs);
  let text = '';
  for (;;) {
    const read = (await body.start('streamRead', stream, longMs)) as { bytes: string } | undefined;
    if (read === undefined) break;
    text += read.bytes;
  }
  strictEqual(text, 'one more hello\nnone\n');
  await body.start('streamClose', stream);
  await body.start('streamClose', stream);
});

test('it may be silent, or end without having read', { skip }, async (context) => {
  const body = await openTinyBody(context);
  const silent = await shell(body, 'exec sleep 1000');
  await rejects(body.start('streamRead', silent, 50), { code: 'ETIMEDOUT' });
  await body.start('streamClose', silent);
  const deaf = await shell(body, 'exit 3');
  strictEqual(await body.start('streamRead', deaf, longMs), undefined);
  await rejects(body.start('streamWrite', deaf, 'x', longMs), { code: 'EPIPE' });
});

test('when it ends without having read all, that is said, behind what it wrote', {
  skip,
}, async (context) => {
  const body = await openTinyBody(context);
  for (const [text, rest] of [
    ['one\ntwo\n', 'two'],
    ['one\n', ''],
  ] as const) {
    // The shell reads no further than to the end of the line.
    const stream = await shell(body, 'read line; echo "$line"');
    await body.start('streamWrite', stream, text, longMs);
    deepStrictEqual(await body.start('streamRead', stream, longMs), { bytes: 'one\n' });
    const next = body.start('streamRead', stream, longMs);
    if (rest === '') strictEqual(await next, undefined);
    else await rejects(next, { code: 'ECONNABORTED', message: /\/bin\/sh has ended without reading all/ });
    await body.start('streamClose', stream);
  }
});

test('closing ends it, and whom it has started', { skip }, async (context) => {
  const body = await openTinyBody(context);
  const file = `${temporaryDirectory()}/pids`;
  const stream = await shell(body, `sleep 1000 & echo $$ $! >'${file}'; echo up; wait`);
  deepStrictEqual(await body.start('streamRead', stream, longMs), { bytes: 'up\n' });
  await body.start('streamClose', stream);
  const isGone = (pid: string) =>
    !existsSync(`/proc/${pid}`) || /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  const pids = readFileSync(file, 'latin1').trim().split(' ');
  await until('the end of both', () => pids.every(isGone) || undefined);
  strictEqual(existsSync(`/proc/${pids[0]}`), false, 'it was waited for');
});

test('what cannot be started is an error', { skip }, async (context) => {
  const { start } = await openTinyBody(context);
  await rejects(start('connectProgram', { program: '/nonexistent', args: [] }), { code: 'ENOENT' });
  await rejects(start('connectProgram', { program: '/etc/passwd', args: [] }), { code: 'EACCES' });
});
