import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { readFileLines, readLines } from '../../src/control/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { memorySystem } from '../support/memory-system.ts';

test('lines are what is between line ends, in whatever pieces they come', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', '\xff', '\0', '\n', '\r'), maxLength: 50 });
  fc.assert(
    fc.property(texts, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (text, pieces) => {
      const { system } = memorySystem({ stdin: text, pieces });
      const lines = [...readLines(system, 0, 'input')];
      strictEqual(lines.map((line) => `${line.text}${line.ended ? '\n' : ''}`).join(''), text);
      for (const [index, line] of lines.entries()) {
        strictEqual(line.text.includes('\n'), false);
        strictEqual(line.ended || (index === lines.length - 1 && line.text !== ''), true);
      }
    }),
  );
});

test('a line without end is refused, and named', () => {
  const read = (size: number) =>
    [...readLines(memorySystem({ stdin: `${'x'.repeat(size)}\ny` }).system, 0, 'a list', 100)].length;
  strictEqual(read(100), 2);
  throws(() => read(101), { code: 'EFBIG', message: 'a list: a line has more than 100 bytes' });
});

test('a file is closed, also when not all of it is wanted', () => {
  const path = `${temporaryDirectory()}/list`;
  writeFileSync(path, 'a\nb\n'.repeat(100));
  const real = nodeSystem([]);
  let open = 0;
  const system = {
    ...real,
    files: {
      ...real.files,
      open: (...args: Parameters<typeof real.files.open>) => {
        open += 1;
        return real.files.open(...args);
      },
      close: (descriptor: number) => {
        open -= 1;
        real.files.close(descriptor);
      },
    },
  };
  strictEqual([...readFileLines(system, path)].length, 200);
  for (const line of readFileLines(system, path)) {
    deepStrictEqual(line, { text: 'a', ended: true });
    break;
  }
  strictEqual(open, 0);
  throws(() => [...readFileLines(system, `${path}.none`)], { code: 'ENOENT' });
});
