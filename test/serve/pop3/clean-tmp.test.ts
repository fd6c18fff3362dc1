import { deepStrictEqual, throws } from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { cleanTmp } from '../../../src/serve/pop3/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { maildirWith } from '../../support/pop3-maildir.ts';

const { files } = nodeSystem([]);
const hourMs = 3_600_000;

test('files that nobody touched for 36 hours go, and nothing else', () => {
  const maildir = maildirWith({ 'new/a': 'x\n' });
  writeFileSync(`${maildir}/tmp/old`, 'x');
  writeFileSync(`${maildir}/tmp/.hidden`, 'x');
  mkdirSync(`${maildir}/tmp/directory`);
  cleanTmp(files, maildir, Date.now() + 35 * hourMs);
  deepStrictEqual(readdirSync(`${maildir}/tmp`).sort(), ['.hidden', 'directory', 'old']);
  cleanTmp(files, maildir, Date.now() + 37 * hourMs);
  deepStrictEqual(readdirSync(`${maildir}/tmp`).sort(), ['.hidden', 'directory']);
  deepStrictEqual(readdirSync(`${maildir}/new`), ['a']);
});

test('mail can be read without it', () => {
  cleanTmp(files, '/no/such/maildir', Date.now());
  const denied = () => {
    throw Object.assign(new Error('no'), { code: 'EACCES' });
  };
  cleanTmp({ ...files, visit: denied }, '/x', Date.now());
  const broken = () => {
    throw Object.assign(new Error('no'), { code: 'EIO' });
  };
  throws(() => cleanTmp({ ...files, visit: broken }, '/x', Date.now()), { code: 'EIO' });
});
