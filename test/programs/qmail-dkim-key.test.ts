import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { chownSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { createDkimSigner } from '../../src/authenticate/index.ts';
import { openControl } from '../../src/control/index.ts';
import { dkimKeysOf } from '../../src/remote/index.ts';
import { bytesOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { judgedByOpendkim } from '../support/dkim.ts';
import { needs } from '../support/foreign.ts';
import { temporaryHome } from '../support/home.ts';
import { isRoot } from '../support/hub-home.ts';
import { runHere } from '../support/run-here.ts';
import { runProgram } from '../support/run-program.ts';

/** Records in zone lines, with their strings put together. */
function recordsOf(lines: string) {
  return lines
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [name = '', strings = ''] = line.split('. IN TXT ');
      const [selector = '', domain = ''] = name.split('._domainkey.');
      return { domain, selector, record: strings.replaceAll(/" "|"/g, '') };
    });
}

test('OpenDKIM accepts what is signed, by the records that are printed', needs('opendkim'), async () => {
  const home = temporaryHome({});
  const made = await runHere(home, 'qmail-dkim-key', '--selector', 's1', 'make', 'Example.org');
  deepStrictEqual([made.exit, made.stderr], [0, '']);
  const shown = await runHere(home, 'qmail-dkim-key', 'show');
  deepStrictEqual(shown.stdout.split('\n').sort(), made.stdout.split('\n').sort());
  const text = 'From: a@example.org\r\n\r\nbody\r\n';
  const signer = createDkimSigner();
  signer.push(bytesOf(text));
  const system = nodeSystem([]);
  const fields = await signer.sign(dkimKeysOf(system, openControl(system, home), 'example.org'), Date.now());
  const message = bytesOf(`${fields.replaceAll('\n', '\r\n')}${text}`);
  deepStrictEqual(judgedByOpendkim(message, recordsOf(made.stdout)), [
    'ed25519-sha256 pass',
    'rsa-sha256 pass',
  ]);
});

test('nobody but their owner reads keys', async () => {
  const home = temporaryHome({});
  const env = { QMAILHOME: home };
  const user = isRoot ? ['--user', 'nobody'] : [];
  const args = [...user, '--type', 'ed25519', 'make', 'example.org'];
  const ended = await runProgram({ program: 'qmail-dkim-key', args, env });
  strictEqual(ended.exit, 0, ended.stderr);
  match(
    ended.stdout,
    /^\d{6}-ed25519\._domainkey\.example\.org\. IN TXT "v=DKIM1; k=ed25519; p=[^"]{44}"\n$/,
  );
  const directory = `${home}/control/dkim/example.org`;
  const [file = '', ...more] = readdirSync(directory);
  deepStrictEqual(more, []);
  const paths = [`${home}/control/dkim`, directory, `${directory}/${file}`];
  deepStrictEqual(
    paths.map((path) => statSync(path).mode & 0o777),
    [0o700, 0o700, 0o400],
  );
  if (isRoot) strictEqual(new Set(paths.map((path) => statSync(path).uid)).has(0), false);
});

test('a key is never replaced, and not too many are made', async () => {
  const home = temporaryHome({});
  const make = (selector: string) => runHere(home, 'qmail-dkim-key', '--selector', selector, 'make', 'a.b');
  strictEqual((await make('x')).exit, 0);
  const file = `${home}/control/dkim/a.b/x-rsa.key`;
  const before = readFileSync(file, 'utf8');
  const again = await make('x');
  deepStrictEqual([again.exit, again.stdout], [111, '']);
  match(again.stderr, /a\.b has a key x-rsa/);
  strictEqual(readFileSync(file, 'utf8'), before);
  strictEqual((await make('y')).exit, 0);
  match((await make('z')).stderr, /more than 4 keys/);
});

test('a directory that is there stays its owner’s', {
  skip: !isRoot && 'only root gives files away',
}, async () => {
  const home = temporaryHome({});
  mkdirSync(`${home}/control/dkim`, { mode: 0o700 });
  chownSync(`${home}/control/dkim`, 1234, 1234);
  strictEqual((await runHere(home, 'qmail-dkim-key', '--user', 'nobody', 'make', 'a.b')).exit, 0);
  strictEqual(statSync(`${home}/control/dkim`).uid, 1234);
});

test('calls that make no sense', async () => {
  const home = temporaryHome({});
  for (const args of [
    [],
    ['make'],
    ['make', 'a', 'b'],
    ['make', '../x'],
    ['--type', 'dsa', 'make', 'a.b'],
    ['other'],
  ]) {
    strictEqual((await runHere(home, 'qmail-dkim-key', ...args)).exit, 100, args.join(' '));
  }
  const none = await runHere(home, 'qmail-dkim-key', 'show', 'a.b');
  deepStrictEqual([none.exit, none.stdout], [111, '']);
  match((await runHere(home, 'qmail-dkim-key', '--selector', 'A b', 'make', 'a.b')).stderr, /is no selector/);
});
