import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Answered, readAnswer } from '../../src/resolver/answer.ts';
import { formatQuery, type Question, recordType } from '../../src/resolver/question.ts';
import {
  addressRecord,
  aliasRecord,
  answerTo,
  nameBytes,
  soa,
  type TestAnswer,
} from '../support/dns-message.ts';

const question: Question = { id: 0xbeef, name: 'hub.example', type: recordType.a };
const query = formatQuery(question) ?? new Uint8Array();

function read(own: TestAnswer, asked: Question = question): Answered {
  return readAnswer(answerTo(formatQuery(asked) ?? new Uint8Array(), own), asked);
}

test('addresses of the family that was asked for', () => {
  deepStrictEqual(read({ answers: [addressRecord(192, 0, 2, 1), addressRecord(192, 0, 2, 2)] }), {
    kind: 'addresses',
    addresses: ['192.0.2.1', '192.0.2.2'],
  });
  const asked: Question = { ...question, type: recordType.aaaa };
  const address = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
  deepStrictEqual(read({ answers: [addressRecord(192, 0, 2, 1), addressRecord(...address)] }, asked), {
    kind: 'addresses',
    addresses: ['2001:db8::1'],
  });
});

test('an IPv6 address is written as everybody writes it', () => {
  const asked: Question = { ...question, type: recordType.aaaa };
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 0, 1, 0xdb8), { minLength: 8, maxLength: 8 }), (groups) => {
      const data = groups.flatMap((group) => [group >> 8, group & 0xff]);
      const text = new URL(`http://[${groups.map((group) => group.toString(16)).join(':')}]/`).hostname;
      deepStrictEqual(read({ answers: [addressRecord(...data)] }, asked), {
        kind: 'addresses',
        addresses: [text.slice(1, -1)],
      });
    }),
  );
});

test('a crowd of addresses is cut', () => {
  const answers = Array.from({ length: 200 }, (_, index) => addressRecord(192, 0, 2, index));
  const answered = read({ answers });
  strictEqual(answered.kind === 'addresses' && answered.addresses.length, 16);
});

test('aliases are followed, in any order, and no other name counts', () => {
  const answers = [
    { ...addressRecord(192, 0, 2, 9), name: nameBytes('other.example') },
    { ...addressRecord(192, 0, 2, 1), name: nameBytes('c.example') },
    aliasRecord('c.example', 'b.example'),
    aliasRecord('B.example'),
  ];
  deepStrictEqual(read({ answers }), { kind: 'addresses', addresses: ['192.0.2.1'] });
});

test('aliases in a circle, or too many of them, lead nowhere', () => {
  const circle = [aliasRecord('b.example'), aliasRecord('hub.example', 'b.example')];
  match(JSON.stringify(read({ answers: circle })), /its aliases lead nowhere/);
  const chain = (length: number) => [
    aliasRecord('0.example'),
    ...Array.from({ length }, (_, index) => aliasRecord(`${index + 1}.example`, `${index}.example`)),
    { ...addressRecord(192, 0, 2, 1), name: nameBytes(`${length}.example`) },
  ];
  strictEqual(read({ answers: chain(7) }).kind, 'addresses');
  strictEqual(read({ answers: chain(8) }).kind, 'failed');
});

test('that there is no such name is believed when somebody vouches for it', () => {
  deepStrictEqual(read({ code: 3, authority: [soa] }), { kind: 'absent', certain: true });
  deepStrictEqual(read({ code: 3, authoritative: true }), { kind: 'absent', certain: true });
  deepStrictEqual(read({ code: 3 }), { kind: 'absent', certain: false });
  deepStrictEqual(read({ authority: [soa] }), { kind: 'absent', certain: true });
  // A server that refers to others has answered nothing.
  deepStrictEqual(read({ authority: [{ type: 2, data: nameBytes('ns.example') }] }), {
    kind: 'absent',
    certain: false,
  });
});

test('a server that fails says so', () => {
  for (const code of [1, 2, 4, 5, 9]) strictEqual(read({ code }).kind, 'failed', String(code));
});

test('what did not fit is known', () => {
  deepStrictEqual(read({ truncated: true }), { kind: 'truncated' });
});

test('answers to other questions are none', () => {
  const answer = answerTo(query, { answers: [addressRecord(192, 0, 2, 1)] });
  const others: readonly Question[] = [
    { ...question, id: 0xbeee },
    { ...question, name: 'hub.example2' },
    { ...question, type: recordType.aaaa },
  ];
  for (const other of others) deepStrictEqual(readAnswer(answer, other), { kind: 'foreign' });
  deepStrictEqual(readAnswer(query, question), { kind: 'foreign' });
  const twice = Uint8Array.from(answer);
  twice[5] = 2;
  deepStrictEqual(readAnswer(twice, question), { kind: 'foreign' });
});

test('records of another class, and data of another length, are not taken for addresses', () => {
  strictEqual(read({ answers: [{ ...addressRecord(192, 0, 2, 1), class: 3 }] }).kind, 'absent');
  strictEqual(read({ answers: [{ type: 1, data: [192, 0, 2] }] }).kind, 'failed');
});

test('more records than any answer needs are not read', () => {
  const answer = answerTo(query, { answers: [addressRecord(192, 0, 2, 1)] });
  answer[6] = 0xff;
  strictEqual(readAnswer(answer, question).kind, 'failed');
});

const whole = answerTo(query, {
  answers: [aliasRecord('b.example'), { ...addressRecord(192, 0, 2, 1), name: nameBytes('b.example') }],
  authority: [soa],
});

/** Reads to the end, throws nothing, and answers something small. */
function isSound(message: Uint8Array): boolean {
  const answered = readAnswer(message, question);
  return answered.kind !== 'addresses' || answered.addresses.length <= 16;
}

test('every cut of an answer is read to its end', () => {
  for (let length = 0; length < whole.length; length += 1) {
    const cut = whole.subarray(0, length);
    ok(isSound(cut));
    ok(!['addresses', 'absent'].includes(readAnswer(cut, question).kind), String(length));
  }
});

test('every flipped bit of an answer is read to its end', () => {
  for (let bit = 0; bit < whole.length * 8; bit += 1) {
    const flipped = Uint8Array.from(whole);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    ok(isSound(flipped), String(bit));
  }
});

test('bytes of any kind behind a sound question are read to their end', () => {
  const start = answerTo(query);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(255), fc.nat(255), (rest, answers, authority) => {
      const message = Uint8Array.from([...start, ...rest]);
      message[7] = answers;
      message[9] = authority;
      ok(isSound(message));
    }),
  );
});
