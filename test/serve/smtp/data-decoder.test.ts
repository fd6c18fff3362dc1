import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createDataDecoder, type DataState } from '../../../src/serve/smtp/data-decoder.ts';
import { bytesOf, textOf } from '../../../src/system/index.ts';
import { everyText } from '../../support/every-text.ts';
import { inPieces } from '../../support/pieces.ts';

interface Decoded {
  readonly state: DataState;
  readonly text: string;
  /** How many bytes were taken. */
  readonly taken: number;
}

function decode(data: string, sizes: readonly number[] = []): Decoded {
  let text = '';
  let taken = 0;
  const decoder = createDataDecoder((bytes) => {
    text += textOf(bytes);
  });
  let state: DataState = 'more';
  for (const piece of inPieces(bytesOf(data), sizes)) {
    if (state !== 'more') break;
    const fed = decoder.feed(piece, 0);
    state = fed.state;
    taken += fed.end;
  }
  return { state, text, taken };
}

/** The same in other words: line by line. */
function expected(data: string): Decoded {
  let text = '';
  let rest = data;
  const taken = () => data.length - rest.length;
  for (;;) {
    const [line, content = ''] = /^([^\r\n]*)\r\n/.exec(rest) ?? [];
    if (line === undefined) break;
    rest = rest.slice(line.length);
    if (content === '.') return { state: 'end', text, taken: taken() };
    text += `${content.replace(/^\./, '')}\n`;
  }
  const [partial = ''] = /^[^\r\n]*/.exec(rest) ?? [];
  // A CR that is the last byte may still be half of a line's end.
  if (partial.length + Number(rest.endsWith('\r')) === rest.length || partial === rest)
    if (rest === partial || rest === `${partial}\r`)
      return { state: 'more', text: text + partial.replace(/^\./, ''), taken: data.length };
  const bare = rest.charAt(partial.length) === '\n' ? 1 : 2;
  return {
    state: 'bare',
    text: text + partial.replace(/^\./, ''),
    taken: taken() + partial.length + bare,
  };
}

test('every text of a few letters over a dot CR LF, whole and cut in two at every byte', () => {
  for (const data of everyText('a.\r\n')) {
    const wanted = expected(data);
    deepStrictEqual(decode(data), wanted, JSON.stringify(data));
    for (let cut = 1; cut < data.length; cut += 1)
      deepStrictEqual(decode(data, [cut, data.length]), wanted, `${JSON.stringify(data)} at ${cut}`);
  }
});

test('any message comes back, however it is cut', () => {
  const unit = fc.constantFrom('a', '.', '..', '\n', '\n.', '\n.\n', '\0', '\xff');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 80 }), fc.array(fc.nat(9)), (text, sizes) => {
      const message = text === '' || text.endsWith('\n') ? text : `${text}\n`;
      const stuffed = message.replace(/^\./gm, '..').replaceAll('\n', '\r\n');
      const data = `${stuffed}.\r\n`;
      deepStrictEqual(decode(`${data}QUIT\r\n`, sizes), { state: 'end', text: message, taken: data.length });
    }),
  );
});

test('where it starts in an array does not matter', () => {
  const decoder = createDataDecoder(() => {});
  deepStrictEqual(decoder.feed(bytesOf('DATA\r\nx\r\n.\r\n'), 6), { state: 'end', end: 12 });
  strictEqual(decode('').state, 'more');
});
