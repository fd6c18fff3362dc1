/** What is signed is judged by OpenDKIM, an implementation of others (issue: the world, 1). */
import { deepStrictEqual, match, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { createDkimSigner, type SignerLimits } from '../../src/authenticate/index.ts';
import { bytesOf } from '../../src/system/index.ts';
import { judgedByOpendkim, makeTestKey } from '../support/dkim.ts';
import { needs } from '../support/foreign.ts';
import { inPieces } from '../support/pieces.ts';

const rsa = makeTestKey('example.org', 'r1', 'rsa');
const ed25519 = makeTestKey('example.org', 'e1', 'ed25519');
const keys = [rsa, ed25519];
const nowMs = Date.now();

async function sign(text: string, sizes: readonly number[] = [], limits?: SignerLimits): Promise<string> {
  const signer = createDkimSigner(limits);
  for (const piece of inPieces(bytesOf(text), sizes)) signer.push(piece);
  return signer.sign(keys, nowMs);
}

function judge(fields: string, text: string): readonly string[] {
  return judgedByOpendkim(bytesOf(`${fields.replaceAll('\n', '\r\n')}${text}`), keys);
}

const header = 'From: Joe <joe@example.org>\r\nSubject: a  b\t\xc3\xa9\r\n folded\r\nTo: x@y.test\r\n\r\n';
const bothPass = ['rsa-sha256 pass', 'ed25519-sha256 pass'];

const bodies: readonly (readonly [string, string])[] = [
  ['none', ''],
  ['blanks and empty lines', 'hello  \t world \r\n\r\n \r\nend\r\n\r\n\r\n'],
  ['nothing but empty lines', '\r\n\r\n \t\r\n'],
  ['bytes that are no text, and dots', '\x01\xff.\r\n..\r\n'],
  ['a long line', `${'x y  '.repeat(30_000)}\r\n`],
];

for (const [name, body] of bodies) {
  test(`OpenDKIM accepts both signatures over a body: ${name}`, needs('opendkim'), async () => {
    const text = `${header}${body}`;
    deepStrictEqual(judge(await sign(text, [7, 1, 1000]), text), bothPass);
  });
}

test('OpenDKIM refuses both when header or body is another', needs('opendkim'), async () => {
  const text = `${header}body\r\n`;
  const fields = await sign(text);
  const bad = ['rsa-sha256 fail', 'ed25519-sha256 fail'];
  deepStrictEqual(judge(fields, text.replace('body', 'bodi')), bad);
  deepStrictEqual(judge(fields, text.replace('joe@', 'eve@')), bad);
});

test('the signatures are the same however the message arrives', async () => {
  const text = 'From: a@example.org\r\nSubject: s\r\n\r\na \r\n\r\nb\r\n';
  const whole = await sign(text);
  match(whole, /^DKIM-Signature: v=1; a=rsa-sha256; c=relaxed\/relaxed; d=example\.org;/);
  strictEqual(whole.includes('\r'), false);
  for (let size = 1; size < text.length; size += 1) strictEqual(await sign(text, [size]), whole);
});

test('a header over the limits is not signed', async () => {
  const text = `${header}body\r\n`;
  strictEqual(await sign(text, [5], { headerBytesMax: header.length - 1, headerLinesMax: 100 }), '');
  strictEqual(await sign(text, [5], { headerBytesMax: header.length, headerLinesMax: 4 }), '');
  match(await sign(text, [5], { headerBytesMax: header.length, headerLinesMax: 5 }), /^DKIM-Signature/);
});

test('a key that cannot be used is named', async () => {
  const signer = createDkimSigner();
  signer.push(bytesOf(header));
  await rejects(signer.sign([{ ...rsa, privateKey: 'no key' }], nowMs), /the key r1 of example\.org/);
});
