import { ok, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatPackage, type PackageMessage } from '../../qmqp/index.ts';
import { bytesOf, concatBytes, textOf } from '../../src/system/index.ts';
import { inPieces } from '../support/pieces.ts';

function message(bytes: Uint8Array, sizes: readonly number[] = []): PackageMessage {
  return { sizeBytes: bytes.length, chunks: () => inPieces(bytes, sizes) };
}

function netstring(text: string): string {
  return `${text.length}:${text},`;
}

function whole(pieces: Iterable<Uint8Array>): string {
  return textOf(concatBytes(Array.from(pieces, (piece) => piece.slice())));
}

test('a package is a netstring of netstrings', () => {
  const pack = formatPackage(message(bytesOf('Subject: q\n\nbody\n')), {
    sender: 's@x.y',
    recipients: ['a@b.c', 'd@e.f'],
  });
  const text = '45:17:Subject: q\n\nbody\n,5:s@x.y,5:a@b.c,5:d@e.f,,';
  strictEqual(whole(pack.pieces()), text);
  strictEqual(pack.sizeBytes, text.length);
});

test('empty parts have their netstrings too', () => {
  const pack = formatPackage(message(new Uint8Array(0)), { sender: '', recipients: ['', ''] });
  strictEqual(whole(pack.pieces()), '12:0:,0:,0:,0:,,');
  const nobody = formatPackage(message(new Uint8Array(0)), { sender: 'a', recipients: [] });
  strictEqual(whole(nobody.pieces()), '7:0:,1:a,,');
});

test('any message and any addresses, each time the pieces are asked for', () => {
  const address = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 20 });
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 500 }),
      fc.array(fc.nat(50)),
      address,
      fc.array(address),
      (bytes, sizes, sender, recipients) => {
        const pack = formatPackage(message(bytes, sizes), { sender, recipients });
        const text = netstring([textOf(bytes), sender, ...recipients].map(netstring).join(''));
        strictEqual(whole(pack.pieces()), text);
        strictEqual(whole(pack.pieces()), text);
        strictEqual(pack.sizeBytes, text.length);
      },
    ),
  );
});

test('an ordinary submission is one piece', () => {
  const pack = formatPackage(message(new Uint8Array(65536)), { sender: 'a@b', recipients: ['c@d'] });
  strictEqual([...pack.pieces()].length, 1);
});

test('a large message passes through in its own pieces, and many recipients in bounded ones', () => {
  const bytes = new Uint8Array(1_000_000).fill(120);
  const recipients = Array.from({ length: 20_000 }, (_, index) => `user-${index}@example.net`);
  const pack = formatPackage(message(bytes, [65536]), { sender: 'a@b', recipients });
  let total = 0;
  const seen = new Set<ArrayBufferLike>();
  for (const piece of pack.pieces()) {
    ok(piece.length > 0 && piece.length <= 131072);
    total += piece.length;
    seen.add(piece.buffer);
  }
  strictEqual(total, pack.sizeBytes);
  // The message's own memory and one buffer.
  strictEqual(seen.size, 2);
  ok(whole(pack.pieces()).endsWith('22:user-19999@example.net,,'));
});

test('a message that is not as long as it said is never completed', () => {
  const bytes = bytesOf('abc');
  const pretend = (sizeBytes: number) =>
    formatPackage({ sizeBytes, chunks: () => [bytes] }, { sender: '', recipients: [] });
  throws(() => whole(pretend(4).pieces()), /4 bytes has brought 3/);
  throws(() => whole(pretend(2).pieces()), /2 bytes has brought 3/);
});

test('text that is no byte string is a bug', () => {
  const pack = formatPackage(message(new Uint8Array(0)), { sender: '\u0100', recipients: [] });
  throws(() => whole(pack.pieces()), RangeError);
});
