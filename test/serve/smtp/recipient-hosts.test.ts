import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openControl } from '../../../src/control/index.ts';
import { readRecipientHosts } from '../../../src/serve/smtp/recipient-hosts.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { temporaryHome } from '../../support/home.ts';
import { runHere } from '../../support/run-here.ts';

const hostsOf = (home: string) => readRecipientHosts(openControl(nodeSystem([]), home));

function taken(home: string, domains: readonly string[]): readonly string[] {
  const hosts = hostsOf(home);
  return domains.filter((domain) => hosts.has(domain));
}

test('hosts, suffixes, and capitals', () => {
  const home = temporaryHome({ me: 'hub.test\n', rcpthosts: 'A.example\n.b.example\n# c.example\n' });
  deepStrictEqual(
    taken(home, [
      'a.EXAMPLE',
      'x.a.example',
      'b.example',
      'x.B.example',
      'x.y.b.example',
      'xb.example',
      'c.example',
      'hub.test',
      '',
    ]),
    ['a.EXAMPLE', 'x.B.example', 'x.y.b.example'],
  );
});

test('without control/rcpthosts it is control/me alone', () => {
  const home = temporaryHome({ me: 'hub.test\n' });
  deepStrictEqual(taken(home, ['hub.test', 'x.hub.test', 'other.test']), ['hub.test']);
  deepStrictEqual(taken(temporaryHome({ me: 'hub.test\n', rcpthosts: '' }), ['hub.test']), []);
});

test('control/morercpthosts counts when qmail-newmrh has made its database', async () => {
  const home = temporaryHome({
    me: 'hub.test\n',
    rcpthosts: 'a.example\n',
    morercpthosts: 'B.example\n.c.example\n',
  });
  const asked = ['a.example', 'b.EXAMPLE', 'x.c.example', 'c.example'];
  deepStrictEqual(taken(home, asked), ['a.example']);
  strictEqual((await runHere(home, 'qmail-newmrh')).exit, 0);
  deepStrictEqual(taken(home, asked), ['a.example', 'b.EXAMPLE', 'x.c.example']);
  writeFileSync(`${home}/control/morercpthosts.cdb`, 'damaged');
  throws(() => hostsOf(home).has('b.example'), /morercpthosts\.cdb/);
});
