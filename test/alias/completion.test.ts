import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import {
  completeAddress,
  completeDomain,
  readCompletion,
  writtenAddress,
} from '../../src/alias/completion.ts';
import { tokenise } from '../../src/mail/index.ts';
import { memorySystem } from '../support/memory-system.ts';

const completion = { host: 'host', domain: 'domain.x', plus: 'plus.x' };

function complete(text: string): string {
  return completeAddress(writtenAddress(tokenise(text) ?? []), completion);
}

test('an address is completed as qmail-header(5) says', () => {
  strictEqual(complete('a'), 'a@host.domain.x');
  strictEqual(complete('a@b'), 'a@b.domain.x');
  strictEqual(complete('a@b+'), 'a@b.plus.x');
  strictEqual(complete('a@b.c'), 'a@b.c');
  strictEqual(complete('a@[1.2.3.4]'), 'a@[1.2.3.4]');
  strictEqual(complete('a.b'), 'a.b@host.domain.x');
  strictEqual(complete('"a@b.c"'), 'a@b.c@host.domain.x');
  strictEqual(completeDomain('a@b@c', completion), 'a@b@c.domain.x');
});

test('the names come from control files, variables where they count, and in the end from nowhere', () => {
  const files = { '/var/qmail/control/me': 'me.x\n', '/var/qmail/control/plusdomain': 'p.x\n' };
  const env = { QMAILDEFAULTHOST: 'e.x' };
  const read = (environment: boolean, world = {}) =>
    readCompletion(memorySystem({ env, ...world }).system, { environment });
  deepStrictEqual(read(true, { files }), { host: 'e.x', domain: 'me.x', plus: 'p.x' });
  deepStrictEqual(read(false, { files }), { host: 'me.x', domain: 'me.x', plus: 'p.x' });
  deepStrictEqual(read(false), { host: 'me', domain: 'me', plus: 'me' });
});
