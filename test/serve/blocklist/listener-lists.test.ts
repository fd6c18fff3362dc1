import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../../src/control/index.ts';
import { type ListResolver, listsMax, readBlockLists } from '../../../src/serve/index.ts';
import { SystemError } from '../../../src/system/index.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { temporaryHome } from '../../support/home.ts';

const resolver: ListResolver = {
  async addresses(name) {
    if (name.endsWith('.fail')) throw new SystemError('ETIMEOUT', 'nobody');
    return name === '7.2.0.192.bad' || name === '8.2.0.192.bad' || name === '8.2.0.192.good'
      ? ['127.0.0.2']
      : [];
  },
  texts: async () => ['listed'],
};

function read(files: Readonly<Record<string, string>>) {
  return readBlockLists(openControl(nodeSystem([]), temporaryHome(files)), () => undefined, resolver);
}

test('without lists nobody is asked', () => {
  strictEqual(read({}), undefined);
  strictEqual(read({ allowlists: 'good\n' }), undefined);
});

test('lists in control files', async () => {
  const blocked = read({ blocklists: '# ours\nfail\nbad\n', allowlists: 'good\n' });
  deepStrictEqual(await blocked?.('192.0.2.7'), { permanent: false, text: 'listed' });
  strictEqual(await blocked?.('192.0.2.8'), undefined);
  strictEqual(await blocked?.('192.0.2.9'), undefined);
});

test('for ever, and blocked when a list cannot be asked, which is for now', async () => {
  const blocked = read({
    blocklists: 'bad:no\nfail\n',
    blocklistspermanent: '1\n',
    blocklistsfailclosed: '1\n',
  });
  deepStrictEqual(await blocked?.('192.0.2.7'), { permanent: true, text: 'no' });
  deepStrictEqual(await blocked?.('192.0.2.9'), {
    permanent: false,
    text: 'the list fail cannot be asked now',
  });
});

test('too many lists', () => {
  const lists = Array.from({ length: listsMax + 1 }, (_, index) => `l${index}\n`).join('');
  throws(() => read({ blocklists: lists }), /control\/blocklists: more than 20 lists/);
});
