import { deepStrictEqual, match, ok, strictEqual, throws } from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openServerCertificate, serverCertificateFile } from '../../src/serve/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { expiredIdentity, identityOf } from '../support/identity.ts';

/** For what is in order there is nothing to be warned of. */
function unexpected(line: string): void {
  throw new Error(line);
}

async function controlWith(pem?: string) {
  const control = temporaryDirectory();
  const write = (text: string) => writeFileSync(`${control}/${serverCertificateFile}`, text);
  if (pem !== undefined) write(pem);
  return { control, write };
}

test('without the file there is no TLS, and there is when it comes', async () => {
  const { control, write } = await controlWith();
  const certificate = openServerCertificate(control, unexpected);
  strictEqual(certificate.context, undefined);
  write(await identityOf('hub'));
  certificate.reload();
  ok(certificate.context);
});

test('one that is missing when it is read again is kept', async () => {
  const { control } = await controlWith(await identityOf('hub'));
  const certificate = openServerCertificate(control, unexpected);
  const before = certificate.context;
  ok(before);
  rmSync(`${control}/${serverCertificateFile}`);
  throws(() => certificate.reload(), /servercert\.pem cannot be used: ENOENT/);
  strictEqual(certificate.context, before);
});

test('another certificate is used from the next connection on', async () => {
  const { control, write } = await controlWith(await identityOf('hub'));
  const certificate = openServerCertificate(control, unexpected);
  const before = certificate.context;
  write(await identityOf('other'));
  strictEqual(certificate.context, before);
  certificate.reload();
  ok(certificate.context !== before);
});

test('what is bad is named, and the one before stays', async () => {
  const good = await identityOf('hub');
  const { control, write } = await controlWith(good);
  const certificate = openServerCertificate(control, unexpected);
  const before = certificate.context;
  const [key = '', chain = ''] = [
    good.slice(0, good.indexOf('-----BEGIN CERT')),
    good.slice(good.indexOf('-----BEGIN CERT')),
  ];
  const other = await identityOf('other');
  const bad = {
    empty: '',
    words: 'no certificate\n',
    'key alone': key,
    'certificate alone': chain,
    "another's key": other.slice(0, other.indexOf('-----BEGIN CERT')) + chain,
    cut: good.slice(0, -40),
  };
  const refused = Object.entries(bad).map(([what, pem]) => {
    write(pem);
    throws(() => certificate.reload(), /servercert\.pem cannot be used: ./, what);
    throws(() => openServerCertificate(control, unexpected), /servercert\.pem cannot be used: ./, what);
    return certificate.context === before;
  });
  deepStrictEqual(
    refused,
    refused.map(() => true),
  );
});

test('one that has expired takes the place of none, and of none that is there', async () => {
  const expired = await expiredIdentity('hub');
  const { control, write } = await controlWith(expired);
  const warnings: string[] = [];
  const certificate = openServerCertificate(control, (line) => warnings.push(line));
  ok(certificate.context);
  strictEqual(warnings.length, 1);
  match(warnings[0] ?? '', /^warning: .*servercert\.pem: it expired on ./);
  write(await identityOf('hub'));
  certificate.reload();
  const good = certificate.context;
  write(expired);
  throws(() => certificate.reload(), /servercert\.pem cannot be used: it expired on ./);
  strictEqual(certificate.context, good);
});
