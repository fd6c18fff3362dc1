import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ForwardingRecord } from '../../src/alias/aliases.ts';
import { createTableParser } from '../../src/alias/table.ts';
import { recordText } from '../../src/alias/table-text.ts';

function parse(...pieces: readonly string[]): readonly ForwardingRecord[] {
  const records: ForwardingRecord[] = [];
  const parser = createTableParser((record) => void records.push(record));
  for (const piece of pieces) parser.feed(piece);
  parser.finish();
  return records;
}

test('instructions, with their owners in front', () => {
  deepStrictEqual(parse('A@b: c@d, &e@f, ?o@p, |q r, !s, /t, ./u;\n# not: this;\n@v: ?w@x;y@:;'), [
    ['?a@b', 'o@p'],
    [':a@b', '&c@d\0&e@f\0|qr\0!s\0/t\0./u\0'],
    ['?@v', 'w@x'],
  ]);
  deepStrictEqual(parse('a\\ b\\:@c: |x\\ \\;\\#y;'), [[':a b:@c', '|x ;#y\0']]);
});

test('what is wrong stays wrong', () => {
  const cases: readonly (readonly [table: string, message: RegExp])[] = [
    ['a@b', /semicolon/],
    ['a: b', /semicolon/],
    ['a: b; #', /^$/],
    ['a: b\\', /semicolon/],
    ['a:: b;', /double colons/],
    ['a, b: c;', /commas/],
    [';', /commas/],
    ['a\0: b;', /NUL/],
    ['a: \\\0;', /NUL/],
    [`a: ${'b'.repeat(801)};`, /over 800/],
    [`a: |${'b'.repeat(65_536)}`, /more than 65536/],
    [`${'b'.repeat(65_537)}`, /more than 65536/],
    [`a: ${`|${'b'.repeat(65_000)},`.repeat(260)}`, /one target has more than/],
  ];
  for (const [table, message] of cases) {
    if (message.source === '^$') strictEqual(parse(table).length, 1);
    else throws(() => parse(table), { verdict: 'D', message });
  }
});

test('pieces of any size are the same', () => {
  const table = 'a\\:@b: c, # d\n|e; @f: ?g@h, i;';
  const whole = parse(table);
  fc.assert(
    fc.property(fc.nat(table.length), fc.nat(table.length), (one, other) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      deepStrictEqual(parse(table.slice(0, from), table.slice(from, to), table.slice(to)), whole);
    }),
  );
});

test('what printforward prints is read as the same records', () => {
  const text = fc
    .array(fc.constantFrom(...'ab@.:;,#\\ \n\t|!&/?\xe9\x01'), { minLength: 1, maxLength: 9 })
    .map((all) => all.join(''));
  const command = fc
    .tuple(fc.constantFrom('&', '|', '!', '/', '.'), text)
    .map((parts) => `${parts.join('')}\0`);
  const record = fc.oneof(
    fc.tuple(
      text.map((target) => `?${target}`),
      text,
    ),
    fc.tuple(
      text.map((target) => `:${target}`),
      fc.array(command, { minLength: 1, maxLength: 4 }).map((all) => all.join('')),
    ),
  );
  fc.assert(
    fc.property(fc.array(record, { maxLength: 5 }), (records) => {
      deepStrictEqual(parse(...records.map(([key, data]) => recordText(key, data))), records);
    }),
  );
});
