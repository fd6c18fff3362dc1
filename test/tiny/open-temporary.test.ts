import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { openTemporary } from '../../src/tiny/open-temporary.ts';
import { errno, fakeHost } from '../support/fake-host.ts';
import { temporaryDirectory } from '../support/home.ts';
import { openTinyBody, tinyMissing } from '../support/tiny-body.ts';

test('a temporary file has no name, and lies where $TMPDIR says', { skip: tinyMissing }, async (context) => {
  const directory = temporaryDirectory();
  const body = await openTinyBody(context, { env: { TMPDIR: directory } });
  const descriptor = body.call('openTemporary');
  deepStrictEqual(readdirSync(directory), []);
  const link = readlinkSync(`/proc/${body.process.pid}/fd/${descriptor}`);
  ok(link.startsWith(`${directory}/`) && link.endsWith(' (deleted)'), link);
});

test('or elsewhere when it cannot', { skip: tinyMissing }, async (context) => {
  const body = await openTinyBody(context, { env: { TMPDIR: `${temporaryDirectory()}/missing` } });
  body.call('write', body.call('openTemporary'), 'x');
});

test('a name that somebody else chose is not used', () => {
  const { host, called } = fakeHost({ random: [0], open: [-(errno['EEXIST'] ?? 0), 6], unlink: [0] });
  strictEqual(openTemporary(host), 6);
  strictEqual(called.filter(([name]) => name === 'open').length, 2);
});

test('when no directory will do, it says which', () => {
  const { host } = fakeHost({ random: [0], variable: ['/full'], open: [-(errno['ENOSPC'] ?? 0)] });
  throws(() => openTemporary(host), { code: 'ENOSPC', message: /in \/full, \/tmp, \/var\/tmp, \/dev\/shm$/ });
});
