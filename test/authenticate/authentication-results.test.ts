/** Judgements by records of a DNS server of the test's own; what was signed by our own signer and by OpenDKIM's rules. */
import { match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import {
  authenticationResults,
  createDkimSigner,
  createQuestions,
  isOwnResult,
  judgeLimits,
} from '../../src/authenticate/index.ts';
import { readMessageHeader } from '../../src/mail/index.ts';
import { bytesOf } from '../../src/system/index.ts';
import { makeTestKey } from '../support/dkim.ts';
import { type DnsZone, startDnsServer } from '../support/mail-dns.ts';
import { messageBody } from '../support/message-body.ts';

const rsa = makeTestKey('example.test', 'r', 'rsa');
const ed25519 = makeTestKey('example.test', 'e', 'ed25519');

/** Strings of a TXT record, none longer than one may be. */
function txt(text: string) {
  return [{ type: 'TXT' as const, strings: text.match(/.{1,200}/g) ?? [''] }];
}

const zone: DnsZone = {
  'example.test': txt('v=spf1 ip4:192.0.2.7 -all'),
  'r._domainkey.example.test': txt(rsa.record),
  'e._domainkey.example.test': txt(ed25519.record),
  '_dmarc.example.test': txt('v=DMARC1; p=reject'),
  'broken.test': 'servfail',
};

async function signed(text: string): Promise<string> {
  const signer = createDkimSigner();
  signer.push(bytesOf(text.replaceAll('\n', '\r\n')));
  return `${await signer.sign([rsa, ed25519], Date.now())}${text}`;
}

async function judged(
  context: Parameters<typeof startDnsServer>[0],
  text: string,
  own: { ip?: string; sender?: string } = {},
) {
  const { address } = await startDnsServer(context, zone);
  const body = messageBody(text, [100]);
  const { fields = [] } = readMessageHeader(body) ?? {};
  const message = {
    body,
    fields,
    ip: '192.0.2.7',
    helo: 'mail.example.test',
    sender: 'joe@example.test',
    ...own,
  };
  return await authenticationResults({ ...message, name: 'mx.here.test' }, createQuestions([address]));
}

test('a message from where it says, signed as it says, passes all three', async (context) => {
  const field = await judged(context, await signed('From: joe@example.test\nSubject: x\n\nbody\n.\n'));
  match(
    field,
    /^Authentication-Results: mx\.here\.test;\n {2}dkim=pass [^\n]*header\.s=r[^\n]*;\n {2}dkim=pass [^\n]*header\.s=e/,
  );
  match(field, /\n {2}spf=pass [^\n]*smtp\.mailfrom=joe@example\.test/);
  match(field, /\n {2}dmarc=pass [^\n]*header\.from=example\.test[^\n]*\n$/);
});

test('a message that was changed, and comes from elsewhere, fails all three', async (context) => {
  const text = await signed('From: joe@example.test\nSubject: x\n\nbody\n');
  const field = await judged(context, text.replace('body', 'bodi'), { ip: '198.51.100.1' });
  match(field, /dkim=(fail|neutral) [^\n]*;\n {2}dkim=(fail|neutral) /);
  match(field, /spf=fail /);
  match(field, /dmarc=fail /);
});

test('without signature and records there is nothing to say, and trouble with DNS is for now', async (context) => {
  match(await judged(context, 'From: a@none.test\n\n', { sender: 'a@none.test' }), /dkim=none.*spf=none/s);
  match(await judged(context, 'From: a@none.test\n\n', { sender: 'a@broken.test' }), /spf=temperror/);
});

test('what is over the limits is not judged, and that is said', async (context) => {
  const many = 'DKIM-Signature: v=1\n'.repeat(judgeLimits.signaturesMax + 1);
  match(
    await judged(context, `${many}From: a@example.test\n\n`),
    /dkim=policy \(too many signatures\);\n {2}spf=pass/,
  );
  const wide = 'X: y\n'.repeat(judgeLimits.headerLinesMax + 1);
  match(await judged(context, `${wide}\n`), /dkim=policy \(the header is too long\)/);
  const long = 'x'.repeat(judgeLimits.lineBytesMax + 1);
  match(await judged(context, `From: a@b\n\n${long}`), /dkim=policy \(a line is too long\)/);
});

test('nobody can put a field of his own into it', async (context) => {
  const field = await judged(
    context,
    'From: "a\n X: y"@example.test\nDKIM-Signature: v=1; d=x\n Y: z; s=\x01\n\n',
    {
      sender: 'a;\nEvil: 1@example.test',
    },
  );
  strictEqual(field.split('\n').filter((line) => line !== '' && !line.startsWith('  ')).length, 1);
});

test('fields that claim to be ours', () => {
  for (const [field, own] of [
    ['Authentication-Results: mx.here.test; spf=pass\n', true],
    ['authentication-results : (c) MX.here.test 1; spf=pass\n', true],
    ['Authentication-Results: "mx.here.test"; spf=pass\n', true],
    ['Authentication-Results:\n mx.here.test\n', true],
    ['Authentication-Results: mx.here.test "; spf\n', true],
    ['Authentication-Results: mx.there.test; spf=pass\n', false],
    ['Authentication-Results: here.test; mx.here.test\n', false],
    ['X-Authentication-Results: mx.here.test; spf=pass\n', false],
  ] as const) {
    strictEqual(isOwnResult(field, 'mx.here.test'), own, field);
  }
});
