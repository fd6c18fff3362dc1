/** Environment and control files, and which of them counts. */
import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { InjectProblem, readSettings } from '../../src/inject/index.ts';
import { addressText, tokenise } from '../../src/mail/index.ts';
import { memorySystem } from '../support/memory-system.ts';

function settings(env: Readonly<Record<string, string>> = {}, files: Readonly<Record<string, string>> = {}) {
  return readSettings(memorySystem({ env: { QMAILHOME: '/q', ...env }, files }).system);
}

const complete = (from: ReturnType<typeof readSettings>, address: string) =>
  addressText(from.rewrite(tokenise(address) ?? []));

test('variables come before the control files, those before me, and me before the names of the files', () => {
  const files = { '/q/control/me': 'me.example\n', '/q/control/plusdomain': 'plus.example\n' };
  strictEqual(complete(settings({}, files), 'a'), 'a@me.example');
  strictEqual(complete(settings({}, files), 'a@b+'), 'a@b.plus.example');
  strictEqual(complete(settings({ QMAILPLUSDOMAIN: 'env' }, files), 'a@b+'), 'a@b.env');
  strictEqual(complete(settings({ QMAILDEFAULTHOST: 'h' }, files), 'a'), 'a@h.me.example');
  strictEqual(complete(settings(), 'a'), 'a@defaulthost.defaultdomain');
  strictEqual(settings().idHost, 'idhost');
  strictEqual(settings({ QMAILIDHOST: 'id' }, files).idHost, 'id');
});

test('the first variable that is set counts, also when it is empty', () => {
  strictEqual(settings().identity.user, 'anonymous');
  strictEqual(settings({ LOGNAME: 'l', USER: 'u' }).identity.user, 'u');
  strictEqual(settings({ USER: 'u', MAILUSER: '' }).identity.user, '');
  strictEqual(settings({ NAME: 'n', QMAILNAME: 'q' }).identity.name, 'q');
  const named = settings({ USER: 'u', MAILHOST: 'h' }).identity;
  deepStrictEqual([named.senderUser, named.senderHost], ['u', 'h']);
  const sender = settings({ USER: 'u', QMAILSUSER: 's', QMAILSHOST: 'sh' }).identity;
  deepStrictEqual(
    [sender.user, sender.host, sender.senderUser, sender.senderHost],
    ['u', undefined, 's', 'sh'],
  );
});

test('the letters of QMAILINJECT', () => {
  const all = settings({ QMAILINJECT: 'csfirmx' });
  deepStrictEqual([...all.ignoredFields].sort(), ['from', 'message-id', 'return-path']);
  deepStrictEqual([all.nameAsComment, all.verp, all.senderPerMessage], [true, true, true]);
  const none = settings();
  deepStrictEqual(
    [none.ignoredFields.size, none.nameAsComment, none.verp, none.senderPerMessage],
    [0, false, false, false],
  );
});

test('the file of mailing lists may be missing, and is read without its comments', () => {
  const files = { '/lists': '# ours\nList@A.B \n\nother@c.d\n' };
  deepStrictEqual([...settings({ QMAILMFTFILE: '/lists' }, files).lists], ['list@a.b', 'other@c.d']);
  strictEqual(settings({ QMAILMFTFILE: '/none' }, files).lists.size, 0);
});

test('a name that is no part of an address is a problem', () => {
  throws(() => settings({ QMAILDEFAULTHOST: '(' }), InjectProblem);
});
