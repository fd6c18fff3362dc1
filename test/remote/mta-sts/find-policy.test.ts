import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import {
  createStsFinder,
  type StsWorld,
  stsCheckMs,
  stsDomainsMax,
} from '../../../src/remote/mta-sts/find-policy.ts';
import { openPolicyStore } from '../../../src/remote/mta-sts/policy-store.ts';
import { temporaryDirectory } from '../../support/home.ts';

const policyText = (mode: string, host = 'mx.test') =>
  `version: STSv1\nmode: ${mode}\nmx: ${host}\nmax_age: 86400\n`;

function world() {
  const state = {
    records: ['v=STSv1; id=1'] as readonly string[] | Error,
    text: policyText('enforce') as string | Error,
    nowMs: 1_000_000,
    asked: [] as string[],
    lines: [] as string[],
  };
  const answer = async <Value>(what: string, value: Value | Error): Promise<Value> => {
    state.asked.push(what);
    if (value instanceof Error) throw value;
    return value;
  };
  const made: StsWorld = {
    records: (name) => answer(name, state.records),
    fetch: (domain) => answer(`fetch ${domain}`, state.text),
    store: openPolicyStore(`${temporaryDirectory()}/mta-sts`),
    now: () => state.nowMs,
    log: (line) => state.lines.push(line),
  };
  return { state, find: createStsFinder(made, (name) => name !== '[192.0.2.1]'), made };
}

test('enforce demands a verified host of the policy; the answer is remembered for a while', async () => {
  const { state, find } = world();
  const [policy] = await Promise.all([find('D.test'), find('d.test')]);
  deepStrictEqual(
    [policy?.tls, policy?.allows('mx.test'), policy?.allows('evil.test')],
    ['verify', true, false],
  );
  deepStrictEqual(state.asked, ['_mta-sts.d.test', 'fetch d.test']);
  state.nowMs += stsCheckMs;
  await find('d.test');
  deepStrictEqual(state.asked.slice(2), ['_mta-sts.d.test']);
});

test('testing and none demand nothing, and neither does a domain without a record', async () => {
  for (const [records, text] of [
    [['v=STSv1; id=1'], policyText('testing')],
    [['v=STSv1; id=1'], policyText('none')],
    [[], policyText('enforce')],
  ] as const) {
    const { state, find } = world();
    Object.assign(state, { records, text });
    strictEqual(await find('d.test'), undefined);
  }
  const { state, find } = world();
  strictEqual(await find('[192.0.2.1]'), undefined);
  deepStrictEqual(state.asked, []);
});

test('another id fetches another policy, and so does half of its time', async () => {
  const { state, find } = world();
  await find('d.test');
  state.nowMs += stsCheckMs;
  Object.assign(state, { records: ['v=STSv1; id=2'], text: policyText('enforce', 'other.test') });
  strictEqual((await find('d.test'))?.allows('other.test'), true);
  state.nowMs += 50_000_000;
  state.text = policyText('testing');
  strictEqual(await find('d.test'), undefined);
});

test('resolver failure taken for "no policy": what was known before holds on, also in another process', async () => {
  const { state, find, made } = world();
  await find('d.test');
  for (const trouble of [
    { records: new Error('SERVFAIL') },
    { records: [] },
    { records: ['v=STSv1; id=2'], text: new Error('ETIMEDOUT') },
    { records: ['v=STSv1; id=2'], text: 'no policy' },
  ]) {
    Object.assign(state, trouble);
    state.nowMs += stsCheckMs;
    strictEqual((await find('d.test'))?.tls, 'verify');
    strictEqual((await createStsFinder(made, () => true)('d.test'))?.tls, 'verify');
  }
  match(state.lines.at(-1) ?? '', /^warning: mta-sts: d\.test: unable to fetch its policy: /);
  state.nowMs += 86_400_000;
  strictEqual(await find('d.test'), undefined);
});

test('no more domains are remembered than a limit says', async () => {
  const { state, find } = world();
  state.records = [];
  for (let index = 0; index <= stsDomainsMax; index += 1) await find(`d${index}.test`);
  const before = state.asked.length;
  await find(`d${stsDomainsMax}.test`);
  strictEqual(state.asked.length, before);
  await find('d0.test');
  strictEqual(state.asked.length, before + 1);
});
