import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { openControl } from '../../../src/control/index.ts';
import { readSmtpPolicy } from '../../../src/serve/index.ts';
import { texts } from '../../../src/serve/smtp/texts.ts';
import { nodeSystem } from '../../../src/system/node/index.ts';
import { temporaryHome } from '../../support/home.ts';

const controls = { me: 'hub.test\n', rcpthosts: 'hub.test\n', badmailfrom: 'Bad@x.y\n@worse.example\n' };

interface Asked {
  readonly sender?: string;
  readonly user?: string;
  readonly relayClient?: string;
  readonly controls?: Readonly<Record<string, string>>;
}

function judge(address: string, { sender = 's@x.y', user, relayClient, controls: own }: Asked = {}) {
  const control = openControl(nodeSystem([]), temporaryHome({ ...controls, ...own }));
  const policy = readSmtpPolicy(control, () => new Set(['192.0.2.1', '2001:db8::1']));
  const facts = { helo: undefined, extended: true, secure: false, user, utf8: false, sender };
  const judged = policy.recipient(address, facts, { relayClient });
  return judged.ok ? judged.address : judged.reply;
}

test('recipients at our domains, and those without a domain', () => {
  deepStrictEqual(
    ['u@hub.test', 'U@HUB.TEST', 'u', '', 'u%elsewhere@hub.test', 'u@elsewhere@hub.test'].map((address) =>
      judge(address),
    ),
    ['u@hub.test', 'U@HUB.TEST', 'u', '', 'u%elsewhere@hub.test', 'u@elsewhere@hub.test'],
  );
  deepStrictEqual(
    ['u@elsewhere', 'u@', 'u@hub.test@elsewhere'].map((address) => judge(address)),
    [texts.notHere, texts.notHere, texts.notHere],
  );
});

test('RELAYCLIENT is appended and opens the way to anywhere; so does a login', () => {
  deepStrictEqual(judge('u@elsewhere', { relayClient: '' }), 'u@elsewhere');
  deepStrictEqual(judge('u@elsewhere', { relayClient: '.gateway' }), 'u@elsewhere.gateway');
  deepStrictEqual(judge('u@elsewhere', { user: 'u' }), 'u@elsewhere');
  deepStrictEqual(judge('u@elsewhere', { user: 'u', relayClient: '.gateway' }), 'u@elsewhere.gateway');
  deepStrictEqual(judge(`u@${'x'.repeat(890)}`, { relayClient: 'y'.repeat(200) }), texts.syntaxAddress);
});

test('bad senders are refused at each recipient, from whomever', () => {
  deepStrictEqual(judge('u@hub.test', { sender: 'BAD@X.Y' }), texts.badSender);
  deepStrictEqual(judge('u@hub.test', { sender: 'anybody@worse.EXAMPLE', relayClient: '' }), texts.badSender);
  deepStrictEqual(judge('u@hub.test', { sender: 'good@x.y' }), 'u@hub.test');
  deepStrictEqual(judge('u@hub.test', { sender: '' }), 'u@hub.test');
});

test('an address of this host in brackets is a name for it', () => {
  deepStrictEqual(judge('u@[192.0.2.1]'), 'u@hub.test');
  deepStrictEqual(judge('u@[IPv6:2001:DB8::1]'), 'u@hub.test');
  deepStrictEqual(judge('u@[192.0.2.2]'), texts.notHere);
  deepStrictEqual(judge('u@[192.0.2.1]', { controls: { localiphost: 'other.test\n' } }), texts.notHere);
  deepStrictEqual(
    judge('u@[192.0.2.1]', { relayClient: '', controls: { localiphost: 'other.test\n' } }),
    'u@other.test',
  );
});
