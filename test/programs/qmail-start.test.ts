import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { findAccount } from '../../src/process/index.ts';
import { temporaryHome } from '../support/home.ts';
import { hubFor, ipv6Missing, queueAt, sendTo } from '../support/hub-clients.ts';
import { hubControls, hubEntry, hubHome, hubUser, isRoot } from '../support/hub-home.ts';
import { asUserMain, type Ended, runProgram } from '../support/run-program.ts';

const onlyRoot = isRoot ? false : 'only root can become another user';

const asHubUser = isRoot ? ['--user', hubUser().name] : [];

/** A hub that is expected to end by itself. */
function startInVain(home: string, args: readonly string[] = ['--embedded', ...asHubUser]): Promise<Ended> {
  return runProgram({ program: 'qmail-start', args, env: { QMAILHOME: home }, main: hubEntry() });
}

test('calls that make no sense: 100, and how it is called', async () => {
  const home = hubHome();
  const calls = [
    ['--embedded', ...asHubUser, './Maildir/', 'extra'],
    ['--embedded', '--what'],
    ['--embedded', '--qmqp'],
    ['--user', hubUser().name || 'nobody'],
    ['--home', '/', './Maildir/'],
  ].map(async (args) => {
    const { exit, stderr } = await startInVain(home, args);
    strictEqual(exit, 100, args.join(' '));
    match(stderr, /usage: qmail-start \[--qmqp ADDRESS:PORT \.\.\.\].*\n.*qmail-start --embedded/);
  });
  const forms = [[], ['--embedded', ...asHubUser]].map(async (args) => {
    const { exit, stderr } = await startInVain(home, [...args, '--log', 'xml']);
    strictEqual(exit, 100);
    strictEqual(stderr, 'qmail-start: xml is no form of the log\n');
  });
  const places = ['628', '127.0.0.1', 'localhost:1', '::1:628', '127.0.0.1:99999', '127.0.0.1:x'];
  const addresses = places.map(async (where) => {
    for (const args of [[], ['--embedded', ...asHubUser]]) {
      const { exit, stderr } = await startInVain(home, [...args, '--qmqp', where]);
      strictEqual(exit, 100, where);
      strictEqual(stderr, `qmail-start: ${where} is no ADDRESS:PORT\n`);
    }
  });
  await Promise.all([...calls, ...forms, ...addresses]);
  deepStrictEqual(readdirSync(`${home}/queue`), []);
});

test('only root starts a hub of several users: 100', async () => {
  const home = hubHome();
  const env = { QMAILHOME: home };
  for (const args of [[], ['./Maildir/', '/bin/cat'], ['--qmqp', '127.0.0.1:0']]) {
    const { exit, stderr } = isRoot
      ? await runProgram({ program: 'nobody', args: ['qmail-start', ...args], main: asUserMain, env })
      : await startInVain(home, args);
    strictEqual(exit, 100);
    strictEqual(
      stderr,
      'qmail-start: only root can start it: or have everything in one process with --embedded\n',
    );
  }
  deepStrictEqual(readdirSync(`${home}/queue`), []);
});

const hasUsers = /^qmaill:/m.test(readFileSync('/etc/passwd', 'latin1'));

test('a host without the users of a hub is told how to make them: 111', {
  skip: onlyRoot || (hasUsers && 'this host has them'),
}, async () => {
  const { exit, stderr } = await startInVain(hubHome(), []);
  strictEqual(exit, 111);
  match(stderr, /^qmail-start: there is no user \w+: scripts\/install makes the users of a hub\n$/);
});

test('root is refused without an ordinary user, and nothing is touched', { skip: onlyRoot }, async () => {
  const home = hubHome();
  for (const args of [[], ['--user', 'root'], ['--user', '0'], ['--user', 'nobody', '--user', 'root']]) {
    const { exit, stderr } = await startInVain(home, ['--embedded', ...args]);
    strictEqual(exit, 100, args.join(' '));
    match(stderr, /^qmail-start: it does not run as root: .*--user\n$/);
  }
  for (const user of ['no-such-user', '']) {
    const { exit, stderr } = await startInVain(home, ['--embedded', '--user', user]);
    strictEqual(exit, 111);
    strictEqual(stderr, `qmail-start: there is no user ${user}\n`);
  }
  deepStrictEqual(readdirSync(`${home}/queue`), []);
});

test('an ordinary user becomes no other one', async () => {
  const home = hubHome();
  const args = ['--embedded', '--user', 'daemon'];
  const ended = isRoot
    ? await runProgram({
        program: 'nobody',
        args: ['qmail-start', ...args],
        main: asUserMain,
        env: { QMAILHOME: home },
      })
    : await startInVain(home, args);
  strictEqual(ended.exit, 111);
  match(ended.stderr, /^qmail-start: unable to become daemon: /);
});

test('started by root it is the user that was named, in every thread, and so are its files', {
  skip: onlyRoot,
}, async (context) => {
  const hub = await hubFor(context);
  match(await sendTo(hub.addresses[0], 'you@hub.test'), /^\d+:Kok/);
  await hub.line(/^end msg/);
  const { uid, gid } = hubUser();
  const four = (id: number) => [id, id, id, id].join('\t');
  for (const thread of readdirSync(`/proc/${hub.pid}/task`)) {
    const status = readFileSync(`/proc/${hub.pid}/task/${thread}/status`, 'latin1');
    ok(status.includes(`\nUid:\t${four(uid)}\nGid:\t${four(gid)}\n`), status);
    match(status, /\nGroups:[ \t]*\n/);
  }
  match(hub.lines.join('\n'), new RegExp(`uid ${uid}$`, 'm'));
});

test('a home that is not set up is named: 111', async () => {
  const cases: readonly (readonly [home: string, says: RegExp])[] = [
    [hubHome({ locals: 'hub.test\n' }), /\/control\/me is missing: write this host's name into it$/],
    [`${hubHome()}/missing`, /\/missing\/control\/me is missing/],
  ];
  for (const [home, says] of cases) {
    const { exit, stdout } = await startInVain(home);
    strictEqual(exit, 111);
    match(stdout.trimEnd(), /^alert: cannot go on: /);
    match(stdout.trimEnd(), says);
  }
});

test('a control file that cannot be read is named: 111', async () => {
  for (const name of ['me', 'locals', 'percenthack', 'concurrencylocal']) {
    const home = hubHome();
    rmSync(`${home}/control/${name}`, { force: true });
    mkdirSync(`${home}/control/${name}`);
    const { exit, stdout } = await startInVain(home);
    strictEqual(exit, 111, name);
    match(stdout, new RegExp(`^alert: cannot go on: unable to read .*/control/${name}: `));
  }
});

test('a queue that is no directory, or that another user owns, is named: 111', async () => {
  const home = hubHome();
  rmSync(`${home}/queue`, { recursive: true });
  writeFileSync(`${home}/queue`, '');
  const { exit, stdout } = await startInVain(home);
  strictEqual(exit, 111);
  match(stdout, /^alert: cannot go on: .*\/queue/);
  if (!isRoot) return;
  const other = await startInVain(hubHome(hubControls, findAccount('daemon')));
  strictEqual(other.exit, 111);
  match(other.stdout, /^alert: cannot go on: .*\/queue/);
});

test('an address that cannot be had: 111, and the queue is free again', async (context) => {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  context.after(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const home = hubHome();
  const { exit, stdout } = await startInVain(home, [
    '--embedded',
    ...asHubUser,
    '--qmqp',
    '127.0.0.1:0',
    '--qmqp',
    `127.0.0.1:${port}`,
  ]);
  strictEqual(exit, 111);
  match(stdout, new RegExp(`^alert: cannot go on: .*EADDRINUSE.*127\\.0\\.0\\.1:${port}$`, 'm'));
  strictEqual(existsSync(`${home}/queue/intake`), false);
  await hubFor(context, { home });
});

test('one hub owns a queue: the second is told so, and the first is not disturbed', async (context) => {
  const hub = await hubFor(context);
  const { exit, stdout } = await startInVain(hub.home);
  strictEqual(exit, 111);
  strictEqual(
    stdout,
    `alert: cannot go on: ${hub.home}/queue is in use: another process has it, as qmail-send does while it runs\n`,
  );
  await queueAt(hub.home, 'you@hub.test');
  match(await sendTo(hub.addresses[0], 'you@hub.test'), /^\d+:Kok/);
  await hub.count(/^end msg/, 2);
});

test('it listens on every address that is named', { skip: ipv6Missing }, async (context) => {
  const hub = await hubFor(context, { listen: ['127.0.0.1:0', '[::1]:0', '0:0'] });
  match(hub.addresses.join(' '), /^127\.0\.0\.1:\d+ \[::1\]:\d+ 0\.0\.0\.0:\d+$/);
  for (const listener of [0, 1, 2])
    match(await sendTo(hub.addresses[listener], 'you@hub.test'), /^\d+:Kok \d+ qp \d+,$/);
  await hub.count(/^end msg/, 3);
  const from = hub
    .messages()
    .map((text) => /\nReceived: from unknown \(([^)]*)\)\n {2}by hub\.test with QMQP; /.exec(text)?.[1]);
  deepStrictEqual(from.sort(), ['127.0.0.1', '127.0.0.1', '::1']);
});

test('the default delivery is a Maildir; others are named, and count from --home', async (context) => {
  const { uid, gid } = hubUser();
  const home = hubHome();
  const elsewhere = `${temporaryHome({})}/mail`;
  mkdirSync(elsewhere);
  chmodSync(dirname(elsewhere), 0o755);
  if (isRoot) chownSync(elsewhere, uid, gid);
  const hub = await hubFor(context, { home, args: ['--home', elsewhere], delivery: './Mailbox' });
  await sendTo(hub.addresses[0], 'you@hub.test', 'Subject: q\n\nFrom here\n');
  await hub.line(/^end msg/);
  match(
    readFileSync(`${elsewhere}/Mailbox`, 'latin1'),
    /^From s@x .*\nReturn-Path: <s@x>\nDelivered-To: you@hub\.test\nReceived: [\s\S]*\nSubject: q\n\n>From here\n\n$/,
  );
  deepStrictEqual(hub.delivered(), []);
});
