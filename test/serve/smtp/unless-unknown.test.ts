import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { unlessUnknown } from '../../../src/serve/index.ts';
import { texts } from '../../../src/serve/smtp/texts.ts';

test('who is known passes as judged, who is not is refused, and who is refused is not asked for', async () => {
  const asked: string[] = [];
  const isKnown = async (address: string) => {
    asked.push(address);
    return address === 'here';
  };
  const judged = { ok: true, address: 'here' } as const;
  strictEqual(await unlessUnknown(judged, isKnown), judged);
  deepStrictEqual(await unlessUnknown({ ok: true, address: 'nobody' }, isKnown), {
    ok: false,
    reply: texts.noSuchRecipient,
  });
  const refused = { ok: false, reply: texts.notHere } as const;
  strictEqual(await unlessUnknown(refused, isKnown), refused);
  deepStrictEqual(asked, ['here', 'nobody']);
});
