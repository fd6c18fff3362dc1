import { deepStrictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { everything, isEverything } from '../../src/queue/index.ts';
import {
  type ControlRequest,
  parseControlAnswer,
  parseControlRequest,
} from '../../src/serve/control-protocol.ts';
import { asciiJson } from '../../src/system/index.ts';

const text = fc.uint8Array({ maxLength: 20 }).map((bytes) => String.fromCharCode(...bytes));
const texts = fc.array(text, { maxLength: 3 });

const plain = { noNullPrototype: true };

const request = fc
  .record(
    {
      order: fc.constantFrom('retry', 'hold', 'release', 'fail', 'delete'),
      filter: fc.record(
        {
          messages: texts,
          senders: texts,
          recipients: texts,
          domains: texts,
          hosts: texts,
          states: fc.array(fc.constantFrom('fresh', 'waiting', 'held', 'failed'), { maxLength: 2 }),
          beforeMs: fc.option(fc.nat(), { nil: undefined }),
        },
        plain,
      ),
      dryRun: fc.boolean(),
      report: text,
    },
    plain,
  )
  .map((made): ControlRequest => ({ ...made, all: isEverything(made.filter) }));

test('a request that was sent is the one that arrives', () => {
  fc.assert(
    fc.property(request, (sent) => {
      deepStrictEqual(parseControlRequest(asciiJson(sent)), sent);
    }),
  );
});

const hold: ControlRequest = {
  order: 'hold',
  filter: { ...everything, hosts: ['192.0.2.1'] },
  all: false,
  dryRun: false,
  report: '',
};

test('what is no request is refused with its reason', () => {
  const refused: readonly (readonly [object, RegExp])[] = [
    [[], /no object/],
    [{ ...hold, order: 'explode' }, /order is none of retry, hold/],
    [{ ...hold, order: 5 }, /order is no byte string/],
    [{ ...hold, filter: null }, /filter is no object/],
    [{ ...hold, filter: { ...hold.filter, hosts: undefined } }, /hosts is no list/],
    [{ ...hold, filter: { ...hold.filter, hosts: '192.0.2.1' } }, /hosts is no list/],
    [{ ...hold, filter: { ...hold.filter, hosts: [1] } }, /hosts is no list/],
    [{ ...hold, filter: { ...hold.filter, hosts: ['\u20ac'] } }, /hosts is no list/],
    [{ ...hold, filter: { ...hold.filter, states: ['asleep'] } }, /state is none of fresh/],
    [{ ...hold, filter: { ...hold.filter, beforeMs: '5' } }, /beforeMs is no time/],
    [{ ...hold, dryRun: 1 }, /dryRun is neither/],
    [{ ...hold, report: undefined }, /report is no byte string/],
    [{ ...hold, all: true }, /a filter, or all, and not both/],
    [{ ...hold, filter: everything }, /a filter, or all, and not both/],
  ];
  for (const [value, reason] of refused) throws(() => parseControlRequest(asciiJson(value)), reason);
  throws(() => parseControlRequest('hold everything'), SyntaxError);
  throws(() => parseControlRequest(''), SyntaxError);
});

test('answers', () => {
  for (const answer of [
    { answer: 'count', recipients: 5, messages: 2 },
    { answer: 'done', recipients: 0, messages: 0 },
    { answer: 'working' },
    { answer: 'refused', text: 'no' },
    { answer: 'failed', text: '\xff' },
  ]) {
    deepStrictEqual(parseControlAnswer(asciiJson(answer)), answer);
  }
  for (const [value, reason] of [
    [{ answer: 'count', recipients: 5 }, /messages is no number/],
    [{ answer: 'perhaps' }, /answer is none of/],
    [{ answer: 'failed' }, /text is no byte string/],
    [[], /no object/],
  ] as const) {
    throws(() => parseControlAnswer(asciiJson(value)), reason);
  }
});
