/** Fields that are written when a message has none. */
import { strictEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { type Identity, InjectProblem, readSettings, type Settings } from '../../src/inject/index.ts';
import { ownFollowupTo, ownFrom, ownReturnPath } from '../../src/inject/own-fields.ts';
import { memorySystem } from '../support/memory-system.ts';

const base = readSettings(memorySystem({ files: { '/var/qmail/control/me': 'me.example\n' } }).system);

function settings(identity: Partial<Identity>, more: Partial<Settings> = {}): Settings {
  return { ...base, ...more, identity: { ...base.identity, ...identity } };
}

test('From names user, host and full name', () => {
  strictEqual(ownFrom(settings({ user: 'joe' })), 'From: joe@me.example\n');
  strictEqual(ownFrom(settings({ user: 'joe', host: 'h' })), 'From: joe@h.me.example\n');
  strictEqual(
    ownFrom(settings({ user: 'j d', name: 'J. "D" D' })),
    'From: "J. \\"D\\" D" <"j d"@me.example>\n',
  );
  strictEqual(
    ownFrom(settings({ user: 'joe', name: 'J (D' }, { nameAsComment: true })),
    'From: joe@me.example (J \\(D)\n',
  );
});

test('a host that makes it no address is a problem', () => {
  throws(() => ownFrom(settings({ user: 'joe', host: 'a:b' })), InjectProblem);
});

test('the envelope sender, alone, per recipient and per message', () => {
  const written = (more: Partial<Settings>) => {
    const own = settings({ senderUser: 'joe', senderHost: 'h.x' }, more);
    return ownReturnPath(own, own.rewrite, '1.2');
  };
  strictEqual(written({}), 'Return-Path: "joe"@h.x\n');
  strictEqual(written({ verp: true }), 'Return-Path: "joe-"@h.x\n');
  strictEqual(written({ verp: true, senderPerMessage: true }), 'Return-Path: "joe-1.2-"@h.x\n');
});

test('Mail-Followup-To names everybody when a list is among them', () => {
  const lists = new Set(['list@x.y']);
  strictEqual(ownFollowupTo(['LIST@x.y', 'a b@c'], lists), 'Mail-Followup-To: LIST@x.y,\n  "a b"@c\n');
  strictEqual(ownFollowupTo(['a@c'], lists), '');
  strictEqual(ownFollowupTo([], lists), '');
});
