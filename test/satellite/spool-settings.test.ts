import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { readSpoolSettings, spoolDefaults } from '../../src/satellite/spool-settings.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

function read(home: string) {
  return readSpoolSettings({ ...nodeSystem([]), env: () => home });
}

test('without control/spool there is none', () => {
  strictEqual(read(temporaryHome({ spoolbytes: '1\n' })), undefined);
});

test('a directory, from the home unless it is absolute, and its limits', () => {
  const home = temporaryHome({ spool: 'spool\n' });
  deepStrictEqual(read(home), {
    directory: `${home}/spool`,
    bytesMax: spoolDefaults.spoolbytes,
    messagesMax: spoolDefaults.spoolmessages,
    freeBytes: spoolDefaults.spoolfree,
    lifetimeMs: 604_800_000,
    patienceMs: 900_000,
  });
  const other = temporaryHome({
    spool: '/var/spool/m\n',
    spoolbytes: '1\n',
    spoolmessages: '2\n',
    spoolfree: '3\n',
    spoollifetime: '4\n',
    spoolpatience: '0\n',
  });
  deepStrictEqual(read(other), {
    directory: '/var/spool/m',
    bytesMax: 1,
    messagesMax: 2,
    freeBytes: 3,
    lifetimeMs: 4000,
    patienceMs: 0,
  });
});

test('a file that says nothing or cannot be read is an error', () => {
  throws(() => read(temporaryHome({ spool: '\n' })), /control\/spool names no directory/);
  const home = temporaryHome({});
  mkdirSync(`${home}/control/spool`);
  throws(() => read(home), /unable to read .*control\/spool/);
});
