import { deepStrictEqual, match, ok, rejects, strictEqual } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryName } from '../../src/satellite/entry-name.ts';
import { type FlushResult, flushSpool } from '../../src/satellite/flush.ts';
import { answering, type Script, scriptedHub } from '../support/scripted-hub.ts';
import { flushOptions, testSpool } from '../support/spool.ts';
import { unusedPort } from '../support/unused-port.ts';

const body = (request: string) => request.split(':')[2]?.split(',')[0] ?? '';

const counts = ({ sent, bounced, failed, putOff, waiting }: FlushResult) => ({
  sent,
  bounced,
  failed,
  putOff,
  waiting,
});

const none = { sent: 0, bounced: 0, failed: 0, putOff: 0, waiting: 0 };

test('with nothing to do it reads one directory', async () => {
  const spool = testSpool(['127.0.0.1']);
  deepStrictEqual(counts(await spool.flush()), none);
  spool.keep('1');
  strictEqual((await spool.flush({ limit: 0 })).waiting, 1);
  const hub = await scriptedHub(answering('3:Kok,'));
  const full = testSpool([hub.text]);
  full.keep('1');
  strictEqual((await full.flush()).sent, 1);
  let visits = 0;
  const absent = (): never => {
    throw new Error('this was not to be called');
  };
  const { files } = full.system;
  const visit = (directory: string, take: (name: string) => void) => {
    visits += 1;
    files.visit(directory, take);
  };
  const only = { ...files, visit, open: absent, openLocked: absent, list: absent, status: absent };
  deepStrictEqual(counts(await full.flush({}, { files: only })), none);
  strictEqual(visits, 1);
});

test('the oldest goes first, and nothing is left of what a hub took', async () => {
  const hub = await scriptedHub(answering('3:Kok,'));
  const spool = testSpool([hub.text]);
  for (const [text, age] of [
    ['c', 10],
    ['a', 3000],
    ['b', 200],
  ] as const) {
    spool.keep(text, { nowMs: Date.now() - age });
  }
  deepStrictEqual(counts(await spool.flush({ parallel: 1 })), { ...none, sent: 3 });
  deepStrictEqual(hub.received.map(body), ['a', 'b', 'c']);
  deepStrictEqual(spool.names(), []);
  strictEqual(hub.received[0], '16:1:a,3:s@x,3:r@y,,');
});

test('several are on their way at the same time, up to the limit', async () => {
  let running = 0;
  let most = 0;
  const hub = await scriptedHub(async (connection) => {
    running += 1;
    most = Math.max(most, running);
    await connection.request();
    await new Promise((resolve) => setTimeout(resolve, 20));
    running -= 1;
    connection.send('3:Kok,');
    connection.close();
  });
  const spool = testSpool([hub.text]);
  for (let count = 0; count < 12; count += 1) spool.keep(String(count));
  strictEqual((await spool.flush({ parallel: 3 })).sent, 12);
  strictEqual(most, 3);
  for (let count = 0; count < 5; count += 1) spool.keep(String(count));
  deepStrictEqual(counts(await spool.flush({ limit: 2 })), { ...none, sent: 2, waiting: 3 });
});

test('what is put off waits, and the others go on', async () => {
  const hub = await scriptedHub(async (connection) => {
    const request = (await connection.request()).toString('latin1');
    connection.send(body(request) === 'bad' ? '5:Zbusy,' : '3:Kok,');
    connection.close();
  });
  const spool = testSpool([hub.text]);
  spool.keep('bad', { nowMs: Date.now() - 5000 });
  for (let count = 0; count < 5; count += 1) spool.keep(String(count));
  const result = await spool.flush({ parallel: 1 });
  deepStrictEqual(counts(result), { ...none, sent: 5, putOff: 1, waiting: 1 });
  match(result.lastAnswer ?? '', /not now: busy$/);
  const [left] = spool.entries();
  deepStrictEqual([left?.tries, left?.unknownAt, left?.claim], [1, [], undefined]);
  ok(result.oldestMs !== undefined && Math.abs(Date.now() - 5000 - result.oldestMs) < 2000);
});

test('a hub that cannot be reached ends it, and is left alone for a while', async () => {
  const gone = `127.0.0.1:${await unusedPort()}`;
  const spool = testSpool([gone]);
  for (let count = 0; count < 30; count += 1) spool.keep(String(count));
  let connections = 0;
  const { network } = spool.system;
  const counted = {
    ...network,
    connect: (address: string, port: number, timeoutMs: number) => {
      connections += 1;
      return network.connect(address, port, timeoutMs);
    },
  };
  const first = await spool.flush({ parallel: 1, now: false }, { network: counted });
  deepStrictEqual(counts(first), { ...none, putOff: 1, waiting: 30 });
  match(first.lastAnswer ?? '', /connection refused/);
  strictEqual(connections, 1);
  deepStrictEqual(spool.names('hubs'), [gone]);
  await spool.flush({ parallel: 1, now: false }, { network: counted });
  strictEqual(connections, 1);
  await spool.flush({ parallel: 1, now: true }, { network: counted });
  strictEqual(connections, 2);
  ok(spool.entries().every(({ tries, claim }) => tries === 0 && claim === undefined));
});

test('the next hub takes what the first cannot', async () => {
  const hub = await scriptedHub(answering('3:Kok,'));
  const spool = testSpool([`127.0.0.1:${await unusedPort()}`, hub.text]);
  for (let count = 0; count < 5; count += 1) spool.keep(String(count));
  deepStrictEqual(counts(await spool.flush()), { ...none, sent: 5 });
});

/** A hub that takes the first request and never says so, and those after it like any other. */
function forgetful(takenFrom: number): Script {
  return (connection, index) => answering(index < takenFrom ? '' : '3:Kok,')(connection, index);
}

test('what a hub may have waits for that hub, and goes there first', async () => {
  const first = await scriptedHub(forgetful(4));
  const second = await scriptedHub(answering('3:Kok,'));
  const spool = testSpool([first.text, second.text]);
  spool.keep('1');
  deepStrictEqual(counts(await spool.flush()), { ...none, putOff: 1, waiting: 1 });
  deepStrictEqual(spool.entries()[0]?.unknownAt, [first.text]);
  deepStrictEqual(counts(await spool.flush()), { ...none, putOff: 1, waiting: 1 });
  writeFileSync(`${spool.home}/control/qmqpservers`, `${second.text}\n${first.text}\n`);
  deepStrictEqual(counts(await spool.flush()), { ...none, sent: 1 });
  deepStrictEqual([first.received.length, second.received.length], [5, 0]);
});

test('after control/spoolpatience another hub gets it', async () => {
  const gone = `127.0.0.1:${await unusedPort()}`;
  const hub = await scriptedHub(answering('3:Kok,'));
  const spool = testSpool([gone, hub.text], { spoolpatience: '60\n' });
  spool.keep('young', { unknownAt: [gone], nowMs: Date.now() - 30_000 });
  spool.keep('old', { unknownAt: [gone], nowMs: Date.now() - 90_000 });
  deepStrictEqual(counts(await spool.flush()), { ...none, sent: 1, putOff: 1, waiting: 1 });
  deepStrictEqual(hub.received.map(body), ['old']);
});

test('what a hub refuses is bounced, and the bounce is sent like any other', async () => {
  const hub = await scriptedHub(async (connection) => {
    const request = (await connection.request()).toString('latin1');
    connection.send(request.includes(',0:,3:s@x,') ? '3:Kok,' : '8:Dno such,');
    connection.close();
  });
  const spool = testSpool([hub.text]);
  spool.keep('Subject: lost\n\nbody\n');
  deepStrictEqual(counts(await spool.flush()), { ...none, sent: 1, bounced: 1 });
  match(hub.received[1] ?? '', /refused: no such(.|\n)*Subject: lost/);
});

test('what is too old is bounced when no hub takes it', async () => {
  const spool = testSpool([`127.0.0.1:${await unusedPort()}`], { spoollifetime: '60\n' });
  spool.keep('young');
  for (const age of [100_000, 90_000, 80_000]) spool.keep(`old${age}`, { nowMs: Date.now() - age });
  deepStrictEqual(counts(await spool.flush({ parallel: 1 })), { ...none, bounced: 3, waiting: 4 });
  const texts = spool.contents();
  strictEqual(texts.filter((text) => text.includes('within 60 seconds (#4.4.7)')).length, 3);
  deepStrictEqual(counts(await spool.flush({ parallel: 1 })), { ...none, putOff: 1, waiting: 4 });
});

test('a message from before the clock was set is as old as the first flush after that', async () => {
  const spool = testSpool([`127.0.0.1:${await unusedPort()}`], { spoollifetime: '60\n' });
  for (const nowMs of [3000, 1_700_000_000_000]) spool.keep(String(nowMs), { nowMs });
  deepStrictEqual(counts(await spool.flush({}, { now: () => 5000 })), { ...none, putOff: 2, waiting: 2 });
  deepStrictEqual(
    spool.entries().map(({ arrivedMs }) => arrivedMs),
    [5000, 1_700_000_000_000],
  );
  const nowMs = Date.now();
  deepStrictEqual(counts(await spool.flush({}, { now: () => nowMs })), { ...none, putOff: 2, waiting: 2 });
  deepStrictEqual(
    spool.entries().map(({ arrivedMs }) => arrivedMs),
    [nowMs, nowMs],
  );
  const later = await spool.flush({}, { now: () => nowMs + 60_001 });
  deepStrictEqual(counts(later), { ...none, bounced: 2, waiting: 2 });
});

test('while all hubs rest nothing is too old: one of them is to be asked first', async () => {
  const spool = testSpool([`127.0.0.1:${await unusedPort()}`], { spoollifetime: '60\n' });
  spool.keep('young');
  deepStrictEqual(counts(await spool.flush()), { ...none, putOff: 1, waiting: 1 });
  spool.keep('old', { nowMs: Date.now() - 90_000 });
  strictEqual((await spool.flush({ now: false })).bounced, 0);
  deepStrictEqual(counts(await spool.flush({ parallel: 1 })), { ...none, bounced: 1, waiting: 2 });
});

test('it goes on for a while when that is asked for', async () => {
  let answers = 0;
  const hub = await scriptedHub((connection, index) => {
    answers += 1;
    return answering(answers < 3 ? '5:Zbusy,' : '3:Kok,')(connection, index);
  });
  const spool = testSpool([hub.text]);
  spool.keep('1');
  let pauses = 0;
  const pause = async (ms: number) => {
    if (ms === 1000) pauses += 1;
  };
  deepStrictEqual(counts(await spool.flush({ waitMs: 60_000 }, { pause })), { ...none, sent: 1 });
  strictEqual(pauses, 2);
});

test('what a sender has left half written is removed after a day and a half, and that is said', async () => {
  const spool = testSpool(['127.0.0.1']);
  mkdirSync(`${spool.settings.directory}/queue`, { recursive: true });
  mkdirSync(`${spool.settings.directory}/tally`);
  const hourMs = 3_600_000;
  const young = temporaryName(Date.now() - 35 * hourMs, 'a'.repeat(16));
  for (const name of [young, temporaryName(Date.now() - 37 * hourMs, 'b'.repeat(16)), 'README']) {
    writeFileSync(`${spool.settings.directory}/queue/${name}`, '5:1');
  }
  const { problems } = await spool.flush();
  strictEqual(problems.length, 1);
  match(problems[0] ?? '', /b{16} was removed/);
  deepStrictEqual(spool.names(), ['README', young]);
});

test('a configuration that is wrong is an error when something waits', async () => {
  const spool = testSpool([]);
  spool.keep('1');
  const { waiting } = await flushSpool(spool.system, spool.settings, flushOptions);
  strictEqual(waiting, 1);
  await rejects(
    flushSpool({ ...spool.system, env: () => '/missing' }, spool.settings, flushOptions),
    /\/missing/,
  );
});
