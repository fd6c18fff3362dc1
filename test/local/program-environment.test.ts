import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deliveryLines } from '../../src/local/delivery-lines.ts';
import type { LocalJob } from '../../src/local/index.ts';
import { programEnvironment } from '../../src/local/program-environment.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { messageBody } from '../support/message-body.ts';

function environment(changes: Partial<LocalJob>, defaultPart?: string, env: Record<string, string> = {}) {
  const job: LocalJob = {
    user: 'joe',
    home: '/home/joe',
    local: 'joe-a-b',
    dash: '-',
    extension: 'a-b',
    domain: 'mail.ref.test',
    sender: 's@x.y',
    delivery: './Mailbox',
    body: messageBody(''),
    nowMs: Date.UTC(2026, 10, 5, 8, 44, 38),
    ...changes,
  };
  const system = { ...nodeSystem([]), env: (name: string) => env[name] };
  const lines = deliveryLines(job.sender, `${job.local}@${job.domain}`, job.nowMs);
  return programEnvironment(job, system, lines, 'new@x.y', defaultPart);
}

test('all variables, and no others', () => {
  assert.deepEqual(environment({}, 'b'), {
    DEFAULT: 'b',
    DTLINE: 'Delivered-To: joe-a-b@mail.ref.test\n',
    EXT: 'a-b',
    EXT2: 'b',
    EXT3: '',
    EXT4: '',
    HOME: '/home/joe',
    HOST: 'mail.ref.test',
    HOST2: 'mail.ref',
    HOST3: 'mail',
    HOST4: 'mail',
    LOCAL: 'joe-a-b',
    NEWSENDER: 'new@x.y',
    PATH: '/var/qmail/bin:/usr/local/bin:/usr/bin:/bin',
    RECIPIENT: 'joe-a-b@mail.ref.test',
    RPLINE: 'Return-Path: <s@x.y>\n',
    SENDER: 's@x.y',
    UFLINE: 'From s@x.y Thu Nov 05 08:44:38 2026\n',
    USER: 'joe',
  });
});

test('without a default file there is no DEFAULT; an empty rest is one', () => {
  assert.equal('DEFAULT' in environment({}), false);
  assert.equal(environment({}, '')['DEFAULT'], '');
});

test('parts of the extension and of the domain', () => {
  const parts = environment({ extension: 'a--b-c-d', domain: 'a.b.c.d.e' });
  assert.deepEqual(
    ['EXT', 'EXT2', 'EXT3', 'EXT4', 'HOST', 'HOST2', 'HOST3', 'HOST4'].map((name) => parts[name]),
    ['a--b-c-d', '-b-c-d', 'b-c-d', 'c-d', 'a.b.c.d.e', 'a.b.c.d', 'a.b.c', 'a.b'],
  );
});

test('of our own variables only those that programs of this installation read', () => {
  const found = environment({}, undefined, {
    QMAILHOME: '/q',
    QMAILQUEUE: '/q/x',
    TZ: 'UTC',
    LD_PRELOAD: 'x',
  });
  assert.equal(found['PATH'], '/q/bin:/usr/local/bin:/usr/bin:/bin');
  assert.deepEqual([found['QMAILQUEUE'], found['TZ'], found['LD_PRELOAD']], ['/q/x', 'UTC', undefined]);
});

test('Shellshock through delivery environments: no value has a control character, whatever the addresses are, but for the end of a line', () => {
  const bytes = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  });
  fc.assert(
    fc.property(bytes, bytes, bytes, bytes, (sender, local, extension, domain) => {
      for (const [name, value] of Object.entries(
        environment({ sender, local, extension, domain }, extension),
      )) {
        const isLine = ['DTLINE', 'RPLINE', 'UFLINE'].includes(name);
        const text = isLine ? value.slice(0, -1) : value;
        assert.equal(isLine ? value.at(-1) : '\n', '\n');
        assert.doesNotMatch(text, /[\x00-\x1f\x7f]/);
      }
    }),
  );
});
