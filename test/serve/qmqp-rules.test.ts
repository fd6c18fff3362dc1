import { deepStrictEqual, match, strictEqual, throws } from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import { readQmqpRules } from '../../src/serve/qmqp-rules.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

function rulesOf(text?: string) {
  const home = temporaryHome(text === undefined ? {} : { qmqprules: text });
  return readQmqpRules(openControl(nodeSystem([]), home));
}

function allowed(text: string | undefined, ips: readonly string[]): readonly string[] {
  const rules = rulesOf(text);
  return ips.filter((ip) => rules.refusal(ip) === undefined);
}

test('without the file the loopback may send, and nobody else', () => {
  const ips = ['127.0.0.1', '127.9.9.9', '::1', '128.0.0.1', '192.0.2.1', '2001:db8::1', 'unknown', '127.x'];
  deepStrictEqual(allowed(undefined, ips), ['127.0.0.1', '127.9.9.9', '::1']);
  const refusal = rulesOf().refusal('192.0.2.1');
  strictEqual(refusal?.verdict, 'Z');
  match(
    refusal?.text ?? '',
    /^192\.0\.2\.1 is not allowed to send here by control\/qmqprules, which is missing/,
  );
});

test('whom no rule allows is denied, the loopback too', () => {
  const ips = ['127.0.0.1', '10.1.2.3', '10.1.2.4', '10.2.0.1', '2001:db8::1', '2001:db9::1'];
  const text = '# ours\n10.1.:allow\n10.1.2.4:deny\n[2001:db8::/32]:allow\n';
  deepStrictEqual(allowed(text, ips), ['10.1.2.3', '2001:db8::1']);
  deepStrictEqual(allowed('', ips), []);
  deepStrictEqual(allowed(':allow\n', [...ips, 'unknown']), [...ips, 'unknown']);
  strictEqual(rulesOf(text).refusal('10.1.2.4')?.verdict, 'Z');
});

test('a rule sets variables', () => {
  const rules = rulesOf('10.:allow,QMAILQUEUE="bin/filter",SITE="a"\n:allow\n');
  deepStrictEqual(rules.variables('10.0.0.1'), { QMAILQUEUE: 'bin/filter', SITE: 'a' });
  deepStrictEqual(rules.variables('11.0.0.1'), {});
  deepStrictEqual(rulesOf().variables('127.0.0.1'), {});
});

test('a file that makes no sense, or asks for names, is refused as a whole', () => {
  throws(
    () => rulesOf('10.:allow\n10.1.2.3 deny\n'),
    /control\/qmqprules: this line has no colon: 10\.1\.2\.3 deny/,
  );
  throws(() => rulesOf('10.:perhaps\n'), /control\/qmqprules: unable to parse this line: 10\.:perhaps/);
  for (const address of ['=box.example', '=.example', '=', 'root@10.0.0.1', 'root@=box.example']) {
    throws(
      () => rulesOf(`${address}:deny\n`),
      /control\/qmqprules: names of clients are not asked for here: /,
    );
  }
});

test('a file that cannot be read lets nobody in by mistake', {
  skip: process.getuid?.() === 0 && 'root reads all',
}, () => {
  const home = temporaryHome({ qmqprules: ':allow\n' });
  chmodSync(`${home}/control/qmqprules`, 0);
  throws(() => readQmqpRules(openControl(nodeSystem([]), home)), /control\/qmqprules/);
});
