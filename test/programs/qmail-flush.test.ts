import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { currentBody, eachBody } from '../support/bodies.ts';
import { findProgram } from '../support/foreign.ts';
import { temporaryHome } from '../support/home.ts';
import { qmqpRequest } from '../support/qmqp-peer.ts';
import { type Ended, runProgram, satelliteMain } from '../support/run-program.ts';
import { answering, scriptedHub } from '../support/scripted-hub.ts';
import { testSpool } from '../support/spool.ts';
import { unusedPort } from '../support/unused-port.ts';

function run(home: string, ...args: readonly string[]): Promise<Ended> {
  return runProgram({ main: satelliteMain, program: 'qmail-flush', args, env: { QMAILHOME: home } });
}

const silent = (exit: number) => ({ exit, stdout: '', stderr: '' });

eachBody('without a spool, and with an empty one, there is nothing to do', async () => {
  deepStrictEqual(await run(testSpool([], { spool: '#' }).home), { ...silent(0) });
  deepStrictEqual(await run(testSpool([]).home), silent(0));
});

eachBody('it sends what waits, and is silent where nobody looks', async () => {
  const hub = await scriptedHub(answering('3:Kok,'));
  const spool = testSpool([hub.text]);
  spool.keep('1');
  spool.keep('2');
  deepStrictEqual(await run(spool.home, '--limit', '1'), silent(111));
  deepStrictEqual(await run(spool.home), silent(0));
  deepStrictEqual([spool.names(), hub.received.length], [[], 2]);
});

eachBody('as JSON it says all of it', async () => {
  const spool = testSpool([`127.0.0.1:${await unusedPort()}`]);
  spool.keep('1', { nowMs: 1_794_214_478_000 });
  const { exit, stdout } = await run(spool.home, '--json', '--max-age', '9999d');
  strictEqual(exit, 111);
  const { answer, ...rest } = JSON.parse(stdout);
  match(answer, /connection refused$/);
  deepStrictEqual(rest, {
    sent: 0,
    bounced: 0,
    failed: 0,
    putOff: 1,
    waiting: 1,
    oldest: '2026-11-09T08:54:38.000Z',
    problems: [],
  });
});

eachBody('what cannot be read is told of, and stays in the queue', async () => {
  const hub = await scriptedHub(answering('3:Kok,'));
  const spool = testSpool([hub.text]);
  spool.keep('1');
  const [name = ''] = spool.names();
  const path = `${spool.home}/spool/queue/${name}`;
  renameSync(path, `${spool.home}/away`);
  // Opens like a file, even for root, and cannot be read.
  mkdirSync(path);
  const { exit, stderr } = await run(spool.home);
  strictEqual(exit, 111);
  match(stderr, /^qmail-flush: .*\/spool\/queue\/.* waits for the next flush: .*EISDIR/);
  deepStrictEqual([spool.names('failed'), spool.names().length, hub.received.length], [[], 1, 0]);
});

eachBody('what somebody must look after is said', async () => {
  const hub = await scriptedHub(answering('3:Dno,'));
  const spool = testSpool([hub.text]);
  spool.keep('1', { sender: '#@[]' });
  const { exit, stderr } = await run(spool.home);
  strictEqual(exit, 0);
  match(stderr, /^qmail-flush: .*\/spool\/failed\/.* will not be sent: .*refused: no\n$/);
  strictEqual((await run(spool.home, '--check')).exit, 1);
});

eachBody('what is older than --max-age is bounced', async () => {
  const spool = testSpool([`127.0.0.1:${await unusedPort()}`]);
  spool.keep('1', { nowMs: Date.now() - 60_000 });
  strictEqual((await run(spool.home, '--max-age', '30s')).exit, 111);
  match(spool.contents()[0] ?? '', /failure notice/);
});

eachBody('it goes on while --wait lasts', async () => {
  const hub = await scriptedHub((connection, index) =>
    answering(index === 0 ? '5:Zbusy,' : '3:Kok,')(connection, index),
  );
  const spool = testSpool([hub.text]);
  spool.keep('1');
  deepStrictEqual(await run(spool.home, '--wait', '30s'), silent(0));
});

eachBody('it is a check for a monitor', async () => {
  const spool = testSpool([]);
  const check = (...args: readonly string[]) => run(spool.home, '--check', ...args);
  strictEqual((await check()).exit, 0);
  spool.keep('1', { nowMs: Date.now() - 3_600_000 });
  const warning = await check('--warn-age', '30m');
  strictEqual(warning.exit, 1);
  match(warning.stdout, /^SPOOL WARNING - 1 message, the oldest 1h 0m old \| messages=1;/);
  strictEqual((await check('--crit-count', '0')).exit, 2);
  strictEqual((await check('--warn-age', 'soon')).exit, 3);
  writeFileSync(`${spool.home}/control/spool`, '');
  strictEqual((await check()).exit, 3);
  strictEqual((await run('/missing', '--check')).exit, 3);
});

eachBody('it is called wrongly, or cannot work', async () => {
  const { home } = testSpool([]);
  for (const args of [['operand'], ['--limit', 'many'], ['--wait', 'x'], ['--no-such']]) {
    const { exit, stderr } = await run(home, ...args);
    strictEqual(exit, 100, args.join(' '));
    match(stderr, /usage: qmail-flush/);
  }
  const spool = testSpool([]);
  spool.keep('1');
  renameSync(`${spool.home}/control/qmqpservers`, `${spool.home}/control/other`);
  const { exit, stderr } = await run(spool.home);
  strictEqual(exit, 111);
  match(stderr, /control\/qmqpservers is missing/);
});

const script = findProgram('script');

eachBody(
  'on a terminal it shows how far it is',
  {
    skip: script === undefined || !existsSync('/dev/ptmx') ? 'script(1) is not installed' : false,
  },
  async () => {
    const hub = await scriptedHub(answering('3:Kok,'));
    const spool = testSpool([hub.text]);
    spool.keep('1');
    const { promise, resolve } = Promise.withResolvers<string>();
    execFile(
      'script',
      [
        '-qec',
        `${currentBody()
          .command.map((word) => `'${word}'`)
          .join(' ')} qmail-flush`,
        '/dev/null',
      ],
      { env: { PATH: process.env['PATH'] ?? '', QMAILHOME: spool.home } },
      (_error, stdout) => resolve(stdout),
    );
    match(await promise, /1 sent, 0 bounced, 0 put off; 0 waiting\r?\n/);
  },
);

eachBody(
  'what users have left goes into the spool first, and without a spool somebody must know',
  async () => {
    const hub = await scriptedHub(answering('3:Kok,'));
    const spool = testSpool([hub.text], { drop: 'drop\n' });
    const drop = `${spool.home}/drop`;
    mkdirSync(drop);
    const leave = (text: string) => {
      const path = `${drop}/drop.${'0'.repeat(32)}`;
      writeFileSync(path, text, 'latin1');
      chmodSync(path, 0o444);
    };
    leave(qmqpRequest('Subject: left\n\n', 's@x', 'r@y'));
    deepStrictEqual(await run(spool.home), silent(0));
    match(hub.received[0] ?? '', /Received: \(qmail 0 invoked by uid \d+\); .*\nSubject: left\n/);
    leave('hello');
    const removed = await run(spool.home);
    strictEqual(removed.exit, 0);
    match(removed.stderr, /^qmail-flush: removed .* of uid \d+: it is no request: malformed\n$/);
    leave('hello');
    const bare = await run(temporaryHome({ drop: `${drop}\n` }));
    strictEqual(bare.exit, 111);
    match(bare.stderr, /control\/drop without control\/spool/);
  },
);
