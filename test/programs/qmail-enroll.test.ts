/** qmail-enroll where it cannot do what it is told; what it can do is in qmail-satellites.test.ts. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryHome } from '../support/home.ts';
import { identityOf } from '../support/identity.ts';
import { runHere } from '../support/run-here.ts';
import { unusedPort } from '../support/unused-port.ts';

const enroll = (home: string, ...words: readonly string[]) => runHere(home, 'qmail-enroll', ...words);

test('it is called with hubs, or for one thing', async () => {
  const home = temporaryHome();
  const cases: readonly (readonly [words: readonly string[], says: RegExp])[] = [
    [[], /usage:/],
    [['hub.example'], /hub\.example is no HOST:PORT/],
    [['qmqps://hub.example:1'], /is no HOST:PORT/],
    [['hub.example:1', '--check'], /usage:/],
    [['--check', '--next-key'], /usage:/],
    [['--pin', 'x', 'hub.example:1'], /x: a fingerprint is sha256:/],
    [['--what'], /illegal option/],
  ];
  for (const [words, says] of cases) {
    const { exit, stderr } = await enroll(home, ...words);
    deepStrictEqual([words, exit], [words, 100]);
    match(stderr, says);
  }
  strictEqual(existsSync(`${home}/control/qmqpskey`), false);
});

test('without a name there is no key, and without a key nothing to check', async () => {
  const home = temporaryHome({});
  match((await enroll(home, '127.0.0.1:1')).stderr, /control\/me is missing/);
  match((await enroll(home, '--check')).stderr, /this host has no key/);
  match((await enroll(home, '--use-next-key')).stderr, /there is no next key/);
});

test('a hub that does not answer is not added, and the key stays for the next time', async () => {
  const home = temporaryHome();
  const where = `127.0.0.1:${await unusedPort()}`;
  const { exit, stderr } = await enroll(home, '--trust', where);
  strictEqual(exit, 111);
  match(stderr, /127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  strictEqual(existsSync(`${home}/control/qmqpservers`), false);
  const key = readFileSync(`${home}/control/qmqpskey`, 'latin1');
  await enroll(home, '--trust', where);
  strictEqual(readFileSync(`${home}/control/qmqpskey`, 'latin1'), key);
});

test('only hubs in TLS are asked', async () => {
  const home = temporaryHome({ me: 'x\n', qmqpservers: '127.0.0.1\n' });
  writeFileSync(`${home}/control/qmqpskey`, await identityOf('x'));
  match((await enroll(home, '--check')).stderr, /control\/qmqpservers names no hub in TLS/);
});
