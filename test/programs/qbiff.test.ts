import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { notify, type Places } from '../../src/programs/qbiff.ts';
import { deliveryEnv, runFromDelivery } from '../support/delivery.ts';
import { temporaryDirectory } from '../support/home.ts';
import { memorySystem } from '../support/memory-system.ts';
import { utmpOf } from '../support/utmp.ts';

/** Files in the place of terminals: each with its mode. */
function terminals(modes: Readonly<Record<string, number>>): Places {
  const devices = temporaryDirectory();
  mkdirSync(`${devices}/pts`);
  for (const [name, mode] of Object.entries(modes)) {
    writeFileSync(`${devices}/${name}`, '');
    chmodSync(`${devices}/${name}`, mode);
  }
  const utmp = `${devices}/utmp`;
  writeFileSync(utmp, utmpOf(['gone', ...Object.keys(modes)].map((line) => ({ user: 'joe', line }))));
  return { utmp, devices };
}

function tell(
  places: Places,
  env: Readonly<Record<string, string>> = deliveryEnv,
  stdin = 'Subject: hi\n\nbody\n',
) {
  const uid = process.getuid?.() ?? 0;
  notify({ ...memorySystem({ env, stdin }).system, uid }, places);
}

function shown({ devices }: Places, name: string): string {
  return readFileSync(`${devices}/${name}`, 'latin1');
}

test('every terminal of the user that wants notices gets one', () => {
  const places = terminals({ 'pts/1': 0o700, tty1: 0o720, 'pts/2': 0o600 });
  tell(places);
  const notice = '\r\n\x07*** TO <joe> FROM <s@x.y>\r\n    hi//body/\r\n';
  for (const name of ['pts/1', 'tty1']) assert.equal(shown(places, name), notice);
  assert.equal(shown(places, 'pts/2'), '');
});

test('a message cannot steer a terminal, nor fill it', () => {
  const places = terminals({ 'pts/1': 0o700 });
  const env = { ...deliveryEnv, LOCAL: 'joe\x1b[2J', SENDER: 's\xe9\r\n@x' };
  tell(places, env, `Subject: \x1b]0;evil\x07\n\n${'x'.repeat(200_000)}`);
  const [, , head = '', , text = ''] = shown(places, 'pts/1').split(/(\r\n)/);
  assert.equal(head, '\x07*** TO <joe_[2J> FROM <s___@x>');
  assert.equal(text, `    ${`/]0;evil//${'/'}${'x'.repeat(200)}`.slice(0, 74)}`);
});

test('the terminal of another user is left alone', { skip: process.getuid?.() !== 0 && 'needs root' }, () => {
  const places = terminals({ 'pts/1': 0o700 });
  chownSync(`${places.devices}/pts/1`, 12345, 12345);
  tell(places);
  assert.equal(shown(places, 'pts/1'), '');
});

test('outside a delivery nobody is told', () => {
  const places = terminals({ 'pts/1': 0o700 });
  for (const name of ['USER', 'LOCAL', 'SENDER']) {
    tell(places, Object.fromEntries(Object.entries(deliveryEnv).filter(([key]) => key !== name)));
  }
  assert.equal(shown(places, 'pts/1'), '');
});

test('the program succeeds, whatever there is', async () => {
  const nothing = { exit: 0, stdout: '', stderr: '', message: null, envelope: null };
  assert.deepEqual(await runFromDelivery({ program: 'qbiff' }), nothing);
  assert.deepEqual(await runFromDelivery({ program: 'qbiff', args: ['x'], unset: ['USER'] }), nothing);
});
