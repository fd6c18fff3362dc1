import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Finding } from '../../src/programs/doctor-finding.ts';
import { inspectSetup } from '../../src/programs/doctor-setup.ts';
import type { System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';

function systemAt(home: string, env: Readonly<Record<string, string>> = {}): System {
  const variables: Readonly<Record<string, string>> = { QMAILHOME: home, ...env };
  return { ...nodeSystem([]), env: (name) => variables[name] };
}

function inspect(controls: Readonly<Record<string, string>>, env = {}): readonly Finding[] {
  return inspectSetup(systemAt(temporaryHome(controls), env));
}

function find(findings: readonly Finding[], what: string): Finding | undefined {
  return findings.find((finding) => finding.what === what);
}

test('a home that is not there ends the search', () => {
  const missing = `${temporaryDirectory()}/nowhere`;
  const [home, ...others] = inspectSetup(systemAt(missing));
  deepStrictEqual([home?.what, home?.state, others], ['home', 'problem', []]);
  match(home?.says ?? '', /nowhere/);
});

test('a home to which everybody can write is pointed out', () => {
  const home = temporaryHome({ me: 'box.example\n' });
  chmodSync(home, 0o777);
  strictEqual(find(inspectSetup(systemAt(home)), 'home')?.state, 'warning');
});

test('the name of the host is looked at', () => {
  const stateOf = (text: string | undefined) =>
    find(inspect(text === undefined ? {} : { me: text }), 'control/me')?.state;
  deepStrictEqual([undefined, '\n', 'not a name!\n', 'box:7\n', 'box\n', 'box.example\n'].map(stateOf), [
    'problem',
    'problem',
    'problem',
    'problem',
    'warning',
    'ok',
  ]);
});

test('a control file that is not read as it was meant is named', () => {
  const home = temporaryHome({
    me: 'box.example\n',
    timeoutconnect: 'soon\n',
    defaulthost: 'one.example\ntwo.example\n',
    plusdomain: 'example\r\n',
    timeoutremote: '30\n',
    qmqpserver: '192.0.2.1\n',
    '.#me': 'what an editor leaves\n',
  });
  mkdirSync(`${home}/control/backup`);
  writeFileSync(`${home}/control/qmqpservers~`, '');
  const findings = inspectSetup(systemAt(home));
  const wrong = findings.filter(({ what, state }) => what.startsWith('control/') && state !== 'ok');
  deepStrictEqual(
    wrong.map(({ what, state }) => `${state} ${what}`),
    [
      'warning control/defaulthost',
      'warning control/plusdomain',
      'warning control/timeoutconnect',
      'warning control/qmqpserver',
      'warning control/qmqpservers~',
    ],
  );
  match(find(findings, 'control/timeoutconnect')?.says ?? '', /soon is no number/);
});

test('a control file that cannot be read, and a missing directory, are problems', () => {
  const home = temporaryHome({});
  mkdirSync(`${home}/control/me`);
  const unreadable = find(inspectSetup(systemAt(home)), 'control/me');
  strictEqual(unreadable?.state, 'problem');
  match(unreadable?.says ?? '', /control\/me/);
  strictEqual(find(inspectSetup(systemAt(temporaryDirectory())), 'control')?.state, 'problem');
});

test('a program in the place of the queue is named', () => {
  match(
    find(inspect({ me: 'a.example\n', qmailqueue: 'bin/filter\n' }), 'control/qmailqueue')?.says ?? '',
    /bin\/filter/,
  );
  match(
    find(inspect({ me: 'a.example\n' }, { QMAILQUEUE: '/bin/x' }), '$QMAILQUEUE')?.says ?? '',
    /\/bin\/x/,
  );
});

test('room for long messages, and the links, are looked at', () => {
  const findings = inspect({ me: 'box.example\n' });
  strictEqual(find(findings, 'temporary files')?.state, 'ok');
  for (const path of ['/usr/sbin/sendmail', '/usr/lib/sendmail', '/usr/bin/mailq', '/usr/bin/newaliases']) {
    ok(process.platform !== 'linux' || find(findings, path)?.state === 'warning', path);
  }
});

test('a key that everybody can read is pointed out', () => {
  const home = temporaryHome({ me: 'box.example\n', qmqpskey: 'a key\n' });
  const keyState = () => find(inspectSetup(systemAt(home)), 'control/qmqpskey')?.state;
  chmodSync(`${home}/control/qmqpskey`, 0o644);
  strictEqual(keyState(), 'warning');
  chmodSync(`${home}/control/qmqpskey`, 0o600);
  strictEqual(keyState(), 'ok');
});
