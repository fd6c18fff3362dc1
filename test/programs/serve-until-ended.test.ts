/** src/programs/serve-until-ended.ts, as qmail-qmtpd and qmail-smtpd run it under qmail-start. */
import { strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryHome } from '../support/home.ts';

test('under qmail-start, the end of descriptor 0 is the end', async () => {
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, 'qmail-qmtpd', '--relay', '--listen', '127.0.0.1:0'], {
    env: { PATH: '/usr/bin:/bin', QMAILHOME: temporaryHome() },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.stdin.end();
  const [code] = await once(child, 'close');
  strictEqual(code, 0);
});
