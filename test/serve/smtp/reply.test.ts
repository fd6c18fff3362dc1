import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatLines, formatReply, replyOfAnswer } from '../../../src/serve/smtp/reply.ts';
import { verdicts } from '../../../src/system/index.ts';

test('the code of a text is said where SMTP says it', () => {
  const cases = [
    ['K', 'ok 1 qp 2', '250 2.0.0 ok 1 qp 2'],
    ['Z', 'qq out of memory (#4.3.0)', '451 4.3.0 qq out of memory'],
    ['D', 'envelope address too long for qq (#5.1.3)', '554 5.1.3 envelope address too long for qq'],
    ['Z', 'disk full (#4.3.0): ENOSPC', '451 4.3.0 disk full: ENOSPC'],
    ['Z', 'no code', '451 4.3.0 no code'],
    ['Z', 'of another class (#5.1.3)', '451 4.3.0 of another class'],
    ['D', 'odd (#5.x.1)', '554 5.3.0 odd (#5.x.1)'],
    ['D', 'odd (#5.1)', '554 5.3.0 odd (#5.1)'],
    ['D', 'odd (#5.1234.1)', '554 5.3.0 odd (#5.1234.1)'],
    ['D', 'odd (#5.1.1', '554 5.3.0 odd (#5.1.1'],
  ] as const;
  for (const [verdict, text, reply] of cases)
    strictEqual(formatReply(replyOfAnswer({ verdict, text })), `${reply}\r\n`);
});

test('several lines', () => {
  strictEqual(formatLines(250, ['a', 'b', 'c']), '250-a\r\n250-b\r\n250 c\r\n');
  strictEqual(formatLines(334, ['']), '334 \r\n');
});

test('whatever an answer says, the reply is one line of no more than 512 bytes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...verdicts),
      fc.string({ unit: 'binary', maxLength: 2000 }),
      (verdict, said) => {
        const text = Buffer.from(said).toString('latin1');
        const reply = formatReply(replyOfAnswer({ verdict, text }));
        ok(reply.length <= 512);
        match(reply, /^[245]\d\d [245]\.\d+\.\d+ [ -~]*\r\n$/);
      },
    ),
  );
  deepStrictEqual(replyOfAnswer({ verdict: 'D', text: 'a\r\n250 b (#5.0.0)' }).enhanced, '5.0.0');
});
