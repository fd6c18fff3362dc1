import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../../src/control/index.ts';
import { readBadSenders } from '../../../src/serve/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { temporaryHome } from '../../support/home.ts';

test('addresses and whole domains, in whatever case', () => {
  const isBad = (files: Readonly<Record<string, string>>) =>
    ['bad@x.y', 'BAD@X.Y', 'good@x.y', 'any@Worse.example', 'any@a.worse.example', 'worse.example', ''].map(
      readBadSenders(openControl(nodeSystem([]), temporaryHome(files))),
    );
  deepStrictEqual(isBad({ badmailfrom: '# comment\nBad@x.y\n@worse.EXAMPLE\n' }), [
    true,
    true,
    false,
    true,
    false,
    false,
    false,
  ]);
  deepStrictEqual(isBad({}), Array(7).fill(false));
});
