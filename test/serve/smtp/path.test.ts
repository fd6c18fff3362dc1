import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parsePath, smtpAddressBytesMax } from '../../../src/serve/smtp/path.ts';
import { everyText } from '../../support/every-text.ts';

function addressOf(argument: string): string | undefined {
  return parsePath(argument)?.address;
}

test('addresses, as qmail-smtpd understands them', () => {
  const cases: Readonly<Record<string, string>> = {
    'FROM:<s@x.y>': 's@x.y',
    'from: <s@x.y>': 's@x.y',
    '<s@x.y>': 's@x.y',
    'FROM:<>': '',
    'FROM:s@x.y': 's@x.y',
    'FROM:   s@x.y SIZE=3': 's@x.y',
    'TO:<@a,@b:u@x.y>': 'u@x.y',
    'TO:@a:u@x.y': 'u@x.y',
    'TO:<@a>': '',
    'TO:<"a b"@x.y>': 'a b@x.y',
    'TO:<"a>b"@x.y>': 'a>b@x.y',
    'TO:<a\\>b@x.y>': 'a>b@x.y',
    'TO:<"a\\"b"@x.y>': 'a"b@x.y',
    'TO:<a\\\\b@x.y>': 'a\\b@x.y',
    'TO:<u@x.y': 'u@x.y',
    'TO:<"u@x.y> SIZE=3': 'u@x.y> SIZE=3',
    'TO:<u@x.y\\': 'u@x.y',
    'TO:<-froot@x.y>': '-froot@x.y',
    'TO:<u@elsewhere@x.y>': 'u@elsewhere@x.y',
    '': '',
    nothing: '',
  };
  for (const [argument, address] of Object.entries(cases))
    strictEqual(addressOf(argument), address, argument);
});

test('parameters are what follows the address and a blank', () => {
  strictEqual(parsePath('FROM:<s@x.y> SIZE=3 BODY=7BIT')?.parameters, ' SIZE=3 BODY=7BIT');
  strictEqual(parsePath('FROM:s@x.y SIZE=3')?.parameters, ' SIZE=3');
  strictEqual(parsePath('FROM:<s@x.y>>')?.parameters, '');
  strictEqual(parsePath('FROM:<s@x.y>SIZE=3')?.parameters, '');
  strictEqual(parsePath('FROM:<s@x.y')?.parameters, '');
});

test('no address is longer than its limit, or has a control character in it', () => {
  const longest = 'a'.repeat(smtpAddressBytesMax);
  strictEqual(addressOf(`FROM:<${longest}>`), longest);
  strictEqual(addressOf(`FROM:<${longest}a>`), undefined);
  for (const control of ['\0', '\n', '\r', '\t', '\x1b', '\x7f'])
    strictEqual(addressOf(`TO:<a${control}b@x.y>`), undefined);
  strictEqual(addressOf('TO:<\xc3\xa9@x.y>'), '\xc3\xa9@x.y');
});

/** The same in other words, for arguments in brackets. */
function expected(argument: string): string {
  let rest = argument.slice(argument.indexOf('<') + 1);
  if (rest.startsWith('@')) rest = rest.includes(':') ? rest.slice(rest.indexOf(':') + 1) : '';
  const [, kept = ''] = /^((?:\\.|"(?:\\.|[^"\\])*(?:"|\\?$)|[^>"\\])*)/s.exec(rest) ?? [];
  return kept.replace(/\\(.?)|"/gs, '$1');
}

test('every text of a few letters in brackets', () => {
  for (const text of everyText('a@:"\\>')) strictEqual(addressOf(`<${text}`), expected(`<${text}`), text);
});

test('any argument gives an address within the limits, or none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 1200 }), (text) => {
      const path = parsePath(Buffer.from(text).toString('latin1'));
      ok(path === undefined || path.address.length <= smtpAddressBytesMax);
    }),
  );
  deepStrictEqual(parsePath('TO:<a@b> '), { address: 'a@b', parameters: ' ' });
});
