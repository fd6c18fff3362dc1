/** The library does what is counted on, also where its documentation says nothing. */
import { doesNotMatch, match } from 'node:assert/strict';
import { test } from 'node:test';
import { signHeader } from '../../src/authenticate/mailauth.ts';
import { makeTestKey } from '../support/dkim.ts';

test('a header is signed with the digest of a body that is elsewhere', async () => {
  const { domain, selector, privateKey } = makeTestKey('example.org', 's', 'ed25519');
  const fields = await signHeader({
    header: Buffer.from('From: a@example.org\r\nTo: b@c\r\nX: y\r\n\r\n'),
    bodyHash: 'ZGlnZXN0',
    fields: ['From', 'To'],
    nowMs: 1_700_000_000_000,
    keys: [{ domain, selector, privateKey }],
  });
  match(fields, /bh=ZGlnZXN0;/);
  match(fields, /h=To:\s*From;/);
  match(fields, /t=1700000000;/);
  match(fields, /\r\n$/);
  doesNotMatch(fields, /[^\r]\n/);
});
