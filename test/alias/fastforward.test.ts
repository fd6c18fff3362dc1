import { deepStrictEqual, rejects, strictEqual, throws } from 'node:assert/strict';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { followForwarding, lookUpForwarding } from '../../src/alias/fastforward.ts';
import { writeCdb } from '../../src/cdb/index.ts';
import type { System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';

const directory = temporaryDirectory();
const database = `${directory}/a.cdb`;
const list = `${directory}/list.bin`;
writeCdb({ path: database, temporary: `${database}.tmp` }, [[':a@b', `${list}\0`]]);

const system = nodeSystem([]);
const asked = { sender: 's@x', recipient: 'a@b' };

test('lists are real files, and all that was opened is closed', () => {
  writeFileSync(list, '&c@d\0');
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  deepStrictEqual(lookUpForwarding(system, database, asked)?.recipients, ['c@d']);
  writeFileSync(list, 'no list');
  throws(() => lookUpForwarding(system, database, asked), /list\.bin is no binary list/);
  chmodSync(list, 0o600);
  throws(() => lookUpForwarding(system, database, asked), { code: 'EACCES' });
  strictEqual(lookUpForwarding(system, database, { ...asked, recipient: 'c@d' }), undefined);
  throws(() => lookUpForwarding(system, `${database}.none`, asked), { code: 'ENOENT' });
  strictEqual(open(), before);
});

test('a program behind ! cannot run without its lines, and then nothing runs', async () => {
  const bare: System = { ...system, env: () => undefined };
  const forwarding = { programs: [`|touch ${directory}/ran`, '!true'], sender: '', recipients: [] };
  const queue = () => Promise.reject(new Error('asked'));
  await rejects(async () => followForwarding(bare, queue, forwarding), {
    verdict: 'D',
    message: 'UFLINE not set',
  });
  deepStrictEqual(readdirSync(directory).includes('ran'), false);
});
