import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { type BlockListsOptions, createBlockLists, parseListSource } from '../../../src/serve/index.ts';
import { SystemError } from '../../../src/system/index.ts';

const block = (text: string) => parseListSource(text, 'block');
const allow = (text: string) => parseListSource(text, 'allow');

/** Lists that have what a test writes; `fail.` cannot be asked. */
function lists(more: Partial<BlockListsOptions> & Pick<BlockListsOptions, 'sources'>) {
  const asked: string[] = [];
  const lines: string[] = [];
  const records: Readonly<Record<string, readonly string[]>> = {
    '7.2.0.192.bad': ['127.0.0.2'],
    '8.2.0.192.bad': ['127.0.0.2'],
    '8.2.0.192.good': ['127.0.0.1'],
    '9.2.0.192.parked': ['198.51.100.1'],
  };
  const look = createBlockLists({
    resolver: {
      async addresses(name) {
        asked.push(name);
        if (name.endsWith('.fail')) throw new SystemError('ETIMEOUT', 'nobody answers');
        return records[name] ?? [];
      },
      async texts(name) {
        if (name.startsWith('8.')) throw new SystemError('ESERVFAIL', 'no text');
        return name.startsWith('7.') ? ['go \r\naway'] : [];
      },
    },
    log: (line) => lines.push(line),
    ...more,
  });
  return { look, asked, lines };
}

test('the first list that knows an address decides', async () => {
  const { look, asked } = lists({ sources: [allow('good'), block('bad'), block('other')] });
  deepStrictEqual(await look('192.0.2.7'), { kind: 'blocked', text: 'go \\x0d\\x0aaway', certain: true });
  deepStrictEqual(await look('192.0.2.8'), { kind: 'free' });
  deepStrictEqual(await look('192.0.2.1'), { kind: 'free' });
  deepStrictEqual(asked, [
    '7.2.0.192.good',
    '7.2.0.192.bad',
    '8.2.0.192.good',
    '1.2.0.192.good',
    '1.2.0.192.bad',
    '1.2.0.192.other',
  ]);
});

test('what a client is told: our text, that of the list, or the name of the list', async () => {
  const own = await lists({ sources: [block('bad:no mail from %IP% (%IP%)')] }).look('192.0.2.7');
  deepStrictEqual(own, { kind: 'blocked', text: 'no mail from 192.0.2.7 (192.0.2.7)', certain: true });
  const none = await lists({ sources: [block('bad')] }).look('192.0.2.8');
  deepStrictEqual(none, { kind: 'blocked', text: '192.0.2.8 is on the list bad', certain: true });
});

test('an address outside of 127.0.0.0/8 is no listing: a zone that somebody has parked lists nobody', async () => {
  deepStrictEqual(await lists({ sources: [block('parked')] }).look('192.0.2.9'), { kind: 'free' });
});

test('resolver failure taken for an answer: it blocks nobody, and speaks for nobody only if that is wanted', async () => {
  const open = lists({ sources: [block('fail'), block('bad')] });
  strictEqual((await open.look('192.0.2.1')).kind, 'free');
  strictEqual((await open.look('192.0.2.7')).kind, 'blocked');
  match(open.lines.join('\n'), /the list fail cannot be asked: ETIMEOUT/);
  strictEqual((await lists({ sources: [allow('fail'), block('bad')] }).look('192.0.2.7')).kind, 'free');
  const closed = lists({ sources: [block('fail')], failClosed: true });
  const verdict = await closed.look('192.0.2.1');
  ok(verdict.kind === 'blocked' && !verdict.certain);
  const both = lists({ sources: [allow('fail'), block('bad')], failClosed: true });
  strictEqual((await both.look('192.0.2.7')).kind, 'blocked');
});

test('what is no address is on no list', async () => {
  const { look, asked } = lists({ sources: [block('bad')], failClosed: true });
  deepStrictEqual(await look('unknown'), { kind: 'free' });
  deepStrictEqual(asked, []);
});
