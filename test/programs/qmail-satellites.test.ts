/** qmail-satellites on a hub, and qmail-enroll on a satellite, as operators use them; a real hub is between them. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryHome } from '../support/home.ts';
import { type Hub, startHub } from '../support/hub.ts';
import { hubHome, hubUser, isRoot } from '../support/hub-home.ts';
import { identityOf } from '../support/identity.ts';
import { runHere } from '../support/run-here.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';
import { until } from '../support/until.ts';
import { unusedPort } from '../support/unused-port.ts';

const fingerprint = /sha256:[0-9a-f]{64}/;

interface KeyedHub {
  readonly hub: Hub;
  readonly port: string;
  /** The fingerprint of its key. */
  readonly pin: string;
  /** qmail-satellites there. */
  admin(...words: readonly string[]): ReturnType<typeof runHere>;
}

/** A hub whose key is made with our own program. */
async function keyedHub(): Promise<KeyedHub> {
  const user = hubUser();
  const home = hubHome(undefined, user);
  const admin = (...words: readonly string[]) => runHere(home, 'qmail-satellites', ...words);
  const made = await admin(...(isRoot ? ['--user', user.name] : []), 'init');
  strictEqual(made.exit, 0, made.stderr);
  strictEqual((await admin('init')).stdout, made.stdout);
  const port = String(await unusedPort());
  const hub = await startHub({ home, user, listen: [], args: ['--qmqps', `127.0.0.1:${port}`] });
  await hub.line(/^listening qmqps 127\.0\.0\.1:\d+$/);
  return { hub, port, pin: made.stdout.trim(), admin };
}

interface Box {
  readonly home: string;
  enroll(...words: readonly string[]): ReturnType<typeof runProgram>;
  answer(text: string, ...words: readonly string[]): ReturnType<typeof runProgram>;
  sendmail(to: string): ReturnType<typeof runProgram>;
}

function box(name: string): Box {
  const home = temporaryHome({ me: `${name}\n` });
  const env = { QMAILHOME: home };
  const main = satelliteMain;
  const run = (stdin: string, args: readonly string[]) =>
    runProgram({ program: 'qmail-enroll', args, env, main, stdin });
  return {
    home,
    enroll: (...words) => run('', words),
    answer: (text, ...words) => run(text, words),
    sendmail: (to) =>
      runProgram({
        program: 'sendmail',
        args: ['-f', 'root@box.example', to],
        env,
        main,
        stdin: 'Subject: x\n\n',
      }),
  };
}

test('a satellite enrols, is approved, sends, changes its key, and is revoked', async () => {
  const { hub, port, pin, admin } = await keyedHub();
  const where = `127.0.0.1:${port}`;
  const web = box('web.example');
  const { enroll, answer, sendmail } = web;

  // Nobody says that this is the key of the hub.
  const refused = await answer('no\n', where);
  strictEqual(refused.exit, 111);
  match(refused.stdout, new RegExp(`^this host: ${fingerprint.source}\n${where}: ${pin}\nIs that the key`));
  match(
    (await enroll('--pin', `sha256:${'0'.repeat(64)}`, where)).stderr,
    /has the key .*, and not the one that was given/,
  );
  strictEqual(statSync(`${web.home}/control/qmqpskey`).mode & 0o777, 0o600);

  const first = await answer('yes\n', where);
  strictEqual(first.exit, 0, first.stderr);
  match(first.stdout, /not now: this hub does not know the key sha256:.*: the request is noted/);
  strictEqual(readFileSync(`${web.home}/control/qmqpservers`, 'latin1'), `qmqps://${where} ${pin}\n`);
  strictEqual((await enroll('--check')).exit, 111);
  strictEqual((await sendmail('you@hub.test')).exit, 75);
  match(
    (await admin()).stdout,
    /^request: sha256:[0-9a-f]{64} calls itself web\.example, from 127\.0\.0\.1, 2/,
  );
  strictEqual((await admin('approve', 'web.example')).exit, 0);
  match((await enroll('--check')).stdout, /took the message: you are known here as web\.example/);
  const sent = await sendmail('you@hub.test');
  strictEqual(sent.exit, 0, sent.stderr);
  await hub.line(/^end msg/);
  match(
    hub.messages()[0] ?? '',
    /Received: from unknown \(web\.example@127\.0\.0\.1\)\n {2}by hub\.test with QMQPS;/,
  );

  // Another key, without a pause.
  const next = await enroll('--next-key');
  strictEqual(next.exit, 0, next.stderr);
  const nextPin = fingerprint.exec(next.stdout)?.[0] ?? '';
  strictEqual((await enroll('--use-next-key')).exit, 111);
  const old = fingerprint.exec(first.stdout)?.[0] ?? '';
  strictEqual((await admin('approve', 'web.example', nextPin)).exit, 0);
  strictEqual((await sendmail('you@hub.test')).exit, 0);
  strictEqual((await enroll('--use-next-key')).exit, 0);
  strictEqual((await sendmail('you@hub.test')).exit, 0);
  strictEqual((await admin('drop', 'web.example', old)).exit, 0);
  strictEqual((await sendmail('you@hub.test')).exit, 0);

  // Another key of the hub, without a pause.
  const hubNext = (await admin(...(isRoot ? ['--user', hubUser().name] : []), 'next-key')).stdout.trim();
  writeFileSync(`${web.home}/control/qmqpservers`, `qmqps://${where} ${pin} ${hubNext}\n`);
  strictEqual((await sendmail('you@hub.test')).exit, 0);
  strictEqual((await admin('use-next-key')).exit, 0);
  strictEqual((await sendmail('you@hub.test')).exit, 0);
  writeFileSync(`${web.home}/control/qmqpservers`, `qmqps://${where} ${hubNext}\n`);
  strictEqual((await sendmail('you@hub.test')).exit, 0);

  await until('the counts to be written', async () =>
    (await admin()).stdout.includes('7 messages') ? true : undefined,
  );
  strictEqual((await admin('rename', 'web.example', 'www')).exit, 0);
  match((await enroll('--check')).stdout, /you are known here as www/);
  strictEqual((await admin('revoke', 'www')).exit, 0);
  const revoked = await sendmail('you@hub.test');
  strictEqual(revoked.exit, 75);
  match(revoked.stderr, /the key of www is revoked/);
  await hub.line(/peer=www verdict=Z text="the key of www is revoked/);
  strictEqual((await admin('approve', 'www')).exit, 0);
  strictEqual((await sendmail('you@hub.test')).exit, 0);
  await hub.stop();
  const { satellites, requests } = JSON.parse((await admin('--json', 'list')).stdout);
  const [{ name, keys, messages, last }] = satellites;
  deepStrictEqual([name, keys, messages, requests], ['www', [nextPin], 8, []]);
  ok(Math.abs(Date.now() - Date.parse(last)) < 120_000);
  match((await admin()).stdout, /^www: 1 key; last 2.*; 8 messages to 8 recipients, \d+ bytes\n$/);
});

test('two hubs have different keys, and each is known by its own', async () => {
  const hubs = [await keyedHub(), await keyedHub()] as const;
  const db = box('db.example');
  for (const { port, pin, admin } of hubs) {
    strictEqual((await db.enroll('--pin', pin, `127.0.0.1:${port}`)).exit, 0);
    strictEqual((await admin('approve', 'db.example')).exit, 0);
  }
  strictEqual((await db.enroll('--check')).exit, 0);
  strictEqual((await db.sendmail('you@hub.test')).exit, 0);
  await hubs[0].hub.stop();
  strictEqual((await db.sendmail('you@hub.test')).exit, 0);
  await hubs[1].hub.line(/^end msg/);
  strictEqual(hubs[1].hub.messages().length, 1);
  // The first hub's name leads to the second hub: that is somebody else.
  const [, line = ''] = readFileSync(`${db.home}/control/qmqpservers`, 'latin1').split('\n');
  const wrong = line.replace(fingerprint, hubs[0].pin);
  writeFileSync(`${db.home}/control/qmqpservers`, `${wrong}\n`);
  const refused = await db.sendmail('you@hub.test');
  strictEqual(refused.exit, 75);
  match(refused.stderr, /its key sha256:[0-9a-f]{64} is not the one that is pinned/);
  await hubs[1].hub.stop();
});

test('a command that cannot be carried out changes nothing and says why', async () => {
  const home = temporaryHome({ me: 'hub.test\n' });
  const admin = (...words: readonly string[]) => runHere(home, 'qmail-satellites', ...words);
  match((await admin('list')).stderr, /control\/satellites is missing: qmail-satellites init makes it/);
  if (isRoot) chownSync(`${home}/control`, 0, 0);
  strictEqual((await admin('init')).exit, 0);
  const pin = `sha256:${'a'.repeat(64)}`;
  const cases: readonly (readonly [words: readonly string[], exit: number, says: RegExp])[] = [
    [['approve', 'box'], 111, /no key asks to be box: give its fingerprint/],
    [['approve', 'box', 'x'], 111, /x: a fingerprint is sha256:/],
    [['approve', 'BOX', pin], 111, /a satellite's name is made of/],
    [['revoke', 'box'], 111, /there is no satellite box/],
    [['drop', 'box', pin], 111, /there is no satellite box/],
    [['rename', 'box', 'web'], 111, /ENOENT/],
    [['use-next-key'], 111, /ENOENT/],
    [['approve'], 100, /usage:/],
    [['rename', 'box'], 100, /usage:/],
    [['forget'], 100, /usage:/],
    [['--what'], 100, /illegal option/],
  ];
  for (const [words, exit, says] of cases) {
    const ended = await admin(...words);
    deepStrictEqual([words, ended.exit], [words, exit]);
    match(ended.stderr, says);
  }
  strictEqual((await admin('approve', 'box', pin)).exit, 0);
  match((await admin('approve', 'web', pin)).stderr, /box has this key/);
  match((await admin()).stdout, /^box: 1 key; never heard of\n$/);
  ok((await identityOf('any')).length > 0);
});
