import { rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { chainOfPrograms } from '../../../src/serve/index.ts';
import { bytesOf } from '../../../src/system/index.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { script } from '../../support/script.ts';

const login = bytesOf('joe\0secret\0\0');

test('the session is behind the login, with two streams', async () => {
  const open = chainOfPrograms([
    script('cat <&3 >/dev/null; exec "$@"'),
    'sh',
    '-c',
    'read -r line; echo "got $line"; exit 3',
  ]);
  const session = await open(login, '192.0.2.7');
  session.input.end('hello\n');
  let text = '';
  for await (const piece of session.output) text += piece;
  strictEqual(text, 'got hello\n');
  strictEqual(await session.ended, 3);
});

test('a session can be ended, and a program may be missing', async () => {
  const session = await chainOfPrograms([script('sleep 1000')])(login, '192.0.2.7');
  session.kill();
  strictEqual(await session.ended, 'SIGKILL');
  const missing = `${temporaryDirectory()}/missing`;
  const none = await chainOfPrograms([missing])(login, '192.0.2.7').catch((error: Error) => error);
  if (none instanceof Error) await rejects(Promise.reject(none));
  else strictEqual(String(await none.ended).includes('ENOENT'), true);
});
