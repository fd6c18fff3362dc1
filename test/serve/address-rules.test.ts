import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { parseList } from '../../src/control/index.ts';
import { type AddressClient, findAddressRule, parseAddressRules } from '../../src/serve/address-rules.ts';
import { byteStringOf, errorText } from '../../src/system/index.ts';
import { vectors } from '../support/vectors.ts';

interface RulesCase {
  readonly name: string;
  readonly rules: string;
  readonly exit: number;
  readonly checks?: readonly {
    readonly env: Readonly<Record<string, string>>;
    readonly exit: number;
    readonly stdout: string;
  }[];
}

/** What tcprulescheck prints. */
function checked(rules: ReturnType<typeof rulesOf>, client: AddressClient): string {
  const rule = findAddressRule(rules, client);
  if (rule === undefined) return 'default:\nallow connection\n';
  const set = Object.entries(rule.variables).map(
    ([name, value]) => `set environment variable ${name}=${value}\n`,
  );
  return `rule ${rule.address}:\n${set.join('')}${rule.allow ? 'allow' : 'deny'} connection\n`;
}

function rulesOf(text: string) {
  return parseAddressRules(parseList(byteStringOf(text)), () => undefined);
}

vectors<RulesCase>({
  file: 'tcprules.json',
  views: { stdout: () => '', stderr: () => '', cdb: () => '' },
  async run({ rules: text, checks = [] }) {
    let rules: ReturnType<typeof rulesOf>;
    try {
      rules = rulesOf(text);
    } catch (error) {
      return { exit: 100, stderr: `tcprules: fatal: ${errorText(error)}\n` };
    }
    const answers = checks.map(({ env }) => ({
      env,
      exit: 0,
      stdout: checked(rules, {
        ip: env['TCPREMOTEIP'] ?? '',
        host: env['TCPREMOTEHOST'],
        info: env['TCPREMOTEINFO'],
      }),
    }));
    return { exit: 0, ...(checks.length > 0 && { checks: answers }) };
  },
});

function which(text: string, ip: string): string | undefined {
  return findAddressRule(rulesOf(text), { ip })?.address;
}

test('of rules for IPv6 the one counts in which most bits do, and any rule but the last comes before the empty one', () => {
  const text =
    '[2001:db8::/32]:allow\n[2001:db8:1::/48]:deny\n[2001:DB8:1:0::7]:allow\n[::/0]:deny\n:allow\n';
  strictEqual(which(text, '2001:db8:1::7'), '[2001:DB8:1:0::7]');
  strictEqual(which(text, '2001:db8:1::8'), '[2001:db8:1::/48]');
  strictEqual(which(text, '2001:db8:2::8'), '[2001:db8::/32]');
  strictEqual(which(text, 'fe80::1%eth0'), '[::/0]');
  strictEqual(which(text, '192.0.2.1'), '');
  strictEqual(which('[2001:db8::/33]:allow\n', '2001:db8:8000::1'), undefined);
});

test('ranges stand for one address each, and end at 255', () => {
  const rules = rulesOf('10.0.1-3.:allow\n192.0.2.254-999:deny\n1-2.:allow\n10.0.7-5.:deny\n');
  deepStrictEqual(
    [...rules.byAddress.keys()],
    ['10.0.1.', '10.0.2.', '10.0.3.', '192.0.2.254', '192.0.2.255', '1.', '2.'],
  );
});

test('a name with a hyphen is no range', () => {
  deepStrictEqual(
    [...rulesOf('=a-b.example:deny\nx-1@10.0.0.1:deny\n').byAddress.keys()],
    ['=a-b.example', 'x-1@10.0.0.1'],
  );
});

test('of two rules for one address the first counts', () => {
  strictEqual(findAddressRule(rulesOf('10.:deny\n10.:allow\n'), { ip: '10.1.1.1' })?.allow, false);
  strictEqual(findAddressRule(rulesOf('[::1]:deny\n[0::1/128]:allow\n'), { ip: '::1' })?.allow, false);
});

test('variables have any quote, and may contain commas and colons', () => {
  const [rule] = rulesOf('1.2.3.4:allow,A="b,c:d",B=/x"y/,C=""\n').byAddress.values();
  deepStrictEqual(rule?.variables, { A: 'b,c:d', B: 'x"y', C: '' });
});

test('what cannot be understood is refused with the line', () => {
  for (const line of [
    '1.2.3.4:maybe',
    '1.2.3.4:',
    '1.2.3.4:allowed',
    '1.2.3.4:allow,',
    '1.2.3.4:allow,A',
    '1.2.3.4:allow,A=',
    '1.2.3.4:allow,A="x',
    '1.2.3.4:allow,A="x"B="y"',
    '1.2.3.4:deny A="x"',
    '1.2.3.x-5:allow',
    '2001:db8::1:allow',
    '[2001:db8::1:allow',
    '[2001:db8::/129]:allow',
    '[2001:db8::/]:allow',
    '[2001:db8::/3/2]:allow',
    '[192.0.2.1]:allow',
  ]) {
    throws(() => rulesOf(`${line}\n`), { message: `unable to parse this line: ${line}` }, line);
  }
});

test('a line without a colon is passed over, and told of', () => {
  const ignored: string[] = [];
  const rules = parseAddressRules(['1.2.3.4', '10.:allow'], (line) => ignored.push(line));
  deepStrictEqual(ignored, ['1.2.3.4']);
  strictEqual(rules.byAddress.size, 1);
});
