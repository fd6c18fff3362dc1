/** docs/pop3.md: its commands bring a message from qmail-inject to a client in TLS, and its limits are those of the programs. */
import { deepStrictEqual, match, ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { popupLimits } from '../../src/serve/index.ts';
import { commandBlocks, runAsDocumented } from '../support/document.ts';
import { executablesMissing } from '../support/executables.ts';
import { needs } from '../support/foreign.ts';
import { textOfFile } from '../support/sources.ts';
import { unusedPort } from '../support/unused-port.ts';

const page = 'docs/pop3.md';

const skip = executablesMissing || needs('openssl').skip;

test('what docs/pop3.md says to type does what it says', { skip }, async () => {
  const trap = '[ ! -e post/pid ] || kill "$(cat post/pid)" 2>/dev/null || :';
  const ports = [String(await unusedPort()), String(await unusedPort())];
  const script = [`trap '${trap}' EXIT`, ...commandBlocks(page), 'wait']
    .join('\n')
    .replaceAll('127.0.0.1:1110', `127.0.0.1:${ports[0]}`)
    .replaceAll('127.0.0.1:1995', `127.0.0.1:${ports[1]}`);
  const cwd = await runAsDocumented(script);
  const fetched = readFileSync(join(cwd, 'fetched'), 'latin1');
  match(
    fetched,
    /^\+OK \n\+OK \n\+OK \n\+OK 1 \d+\n\+OK \nReturn-Path: .*\n\nCan you read this\?\n\.\n\+OK \n$/s,
  );
  deepStrictEqual(readdirSync(join(cwd, 'post/home/Maildir/new')), []);
  match(readFileSync(join(cwd, 'post/log'), 'latin1'), /user=joe tls=yes login=ok/);
});

test('the numbers in it are those of the program', () => {
  const text = textOfFile(page).replaceAll('\n', ' ');
  ok(popupLimits.failureMs === 2000 && text.includes('answered after two seconds'));
  ok(popupLimits.connectionsPerPeerMax === 10 && text.includes('at most ten connections from one address'));
});
