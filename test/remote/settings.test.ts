import { deepStrictEqual, match, strictEqual, throws } from 'node:assert/strict';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import {
  type RemoteSettings,
  readRemoteSettings,
  remoteDefaults,
  watchSettings,
} from '../../src/remote/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

const system = nodeSystem([]);

function settingsOf(controls: Readonly<Record<string, string>>): RemoteSettings {
  return readRemoteSettings(system, openControl(system, temporaryHome({ me: 'me.test\n', ...controls })));
}

test('everything but the name has a default', () => {
  const settings = settingsOf({});
  const { ownName, connectMs, replyMs, connectionsMax, idleMs, messagesMax, recipientsMax, authorities } =
    settings;
  deepStrictEqual(
    [ownName, connectMs, replyMs, connectionsMax, idleMs, messagesMax, recipientsMax, authorities],
    ['me.test', 60_000, 1_200_000, 20, remoteDefaults.remoteidle * 1000, 100, 100, undefined],
  );
  throws(() => readRemoteSettings(system, openControl(system, temporaryHome({}))), /control\/me is missing/);
});

test('what the files say counts, within limits', () => {
  const settings = settingsOf({
    helohost: 'helo.test\n',
    timeoutconnect: '999999999\n',
    remoteconnections: '0\n',
    remoterecipients: '1000\n',
    remotemessages: '0\n',
    remoteidle: '0\n',
    smtpca: 'one\ntwo\n',
    moreipme: '192.0.2.1\n',
  });
  const { ownName, connectMs, connectionsMax, recipientsMax, messagesMax, idleMs } = settings;
  deepStrictEqual(
    [ownName, connectMs, connectionsMax, recipientsMax, messagesMax, idleMs],
    ['helo.test', 86_400_000, 1, 100, 1, 0],
  );
  deepStrictEqual([settings.authorities, settings.moreOwnAddresses], ['one\ntwo', ['192.0.2.1']]);
});

test('passwords: everything after the colon, and only from a file that is nobody else to read', () => {
  const home = temporaryHome({ me: 'me.test\n', smtppasswords: 'me:se:cret\nyou@x.test: blank\n' });
  const file = `${home}/control/smtppasswords`;
  const read = () => readRemoteSettings(system, openControl(system, home));
  chmodSync(file, 0o640);
  deepStrictEqual(read().loginOf('me'), { user: 'me', password: 'se:cret' });
  deepStrictEqual(read().loginOf('you@x.test').password, ' blank');
  throws(() => read().loginOf('m'), /smtppasswords has no password for m$/);
  chmodSync(file, 0o644);
  throws(() => read().loginOf('me'), /everybody can read .*smtppasswords: chmod/);
  rmSync(file);
  throws(() => read().loginOf('me'), /has no password/);
});

test('a process that lives long reads them again after a second, and keeps what made sense', () => {
  const home = temporaryHome({ me: 'me.test\n', smtproutes: ':a\n' });
  const log: string[] = [];
  let nowMs = 0;
  const watched = watchSettings({ ...system, monotonic: () => nowMs }, openControl(system, home), (line) =>
    log.push(line),
  );
  const relay = () => watched.current().routeOf('x').relay?.host;
  strictEqual(relay(), 'a');
  writeFileSync(`${home}/control/smtproutes`, ':b\n');
  strictEqual(relay(), 'a');
  nowMs += 1_000;
  strictEqual(relay(), 'b');
  writeFileSync(`${home}/control/smtproutes`, ':c:d\n');
  for (let time = 0; time < 3; time += 1) {
    nowMs += 1_000;
    strictEqual(relay(), 'b');
  }
  strictEqual(log.length, 1);
  match(log[0] ?? '', /^alert: control files kept as they were: .*smtproutes: :c:d/);
  writeFileSync(`${home}/control/smtproutes`, ':e\n');
  nowMs += 1_000;
  strictEqual(relay(), 'e');
});

test('what never made sense is said each time, and mended without a restart', () => {
  const home = temporaryHome({ me: 'me.test\n', smtproutes: ':c:d\n' });
  const watched = watchSettings(system, openControl(system, home), () => undefined);
  throws(() => watched.current(), /smtproutes/);
  throws(() => watched.current(), /smtproutes/);
  writeFileSync(`${home}/control/smtproutes`, '');
  strictEqual(watched.current().ownName, 'me.test');
});
