import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { createSpill, openQmqpRoute, qmqpQueue } from '../../src/submit/index.ts';
import { bytesOf, type Network, type System, SystemError, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';
import { answering, type Script, scriptedHub } from '../support/scripted-hub.ts';
import { unusedPort } from '../support/unused-port.ts';

const envelope = { sender: 's@x', recipients: ['r@y'] };

function satellite(home: string, own: Partial<System> = {}) {
  const real = nodeSystem([]);
  let warnings = '';
  const system: System = {
    ...real,
    env: (name) => (name === 'QMAILHOME' ? home : undefined),
    files: {
      ...real.files,
      write(descriptor, bytes) {
        strictEqual(descriptor, 2);
        warnings += textOf(bytes);
      },
    },
    ...own,
  };
  return { system, warnings: () => warnings };
}

async function submit(controls: Readonly<Record<string, string>>, own: Partial<System> = {}) {
  const { system, warnings } = satellite(temporaryHome(controls), own);
  const message = createSpill(system);
  message.write(bytesOf('body'));
  const outcome = await qmqpQueue(system, message, envelope);
  message.close();
  return { ...outcome, warnings: warnings() };
}

async function submitTo(...scripts: readonly Script[]) {
  const hubs = await Promise.all(scripts.map((script) => scriptedHub(script)));
  const servers = hubs.map((hub) => `${hub.text}\n`).join('');
  return { ...(await submit({ qmqpservers: servers, timeoutremote: '1\n' })), hubs };
}

test('a hub takes the message', async () => {
  const { exitCode, answer, hubs } = await submitTo(answering('10:Kok 1 qp 2,'));
  deepStrictEqual({ exitCode, answer }, { exitCode: 0, answer: { verdict: 'K', text: 'ok 1 qp 2' } });
  deepStrictEqual(hubs[0]?.received, ['19:4:body,3:s@x,3:r@y,,']);
});

test('what happened at the last hub is the exit code, what each one said is in the text', async () => {
  const cases: readonly (readonly [script: Script, exitCode: number, verdict: string, text: RegExp])[] = [
    [answering('3:Dno,'), 31, 'D', /\(#5\.3\.0\).*refused: no$/],
    [answering('5:Zbusy,'), 71, 'Z', /\(#4\.3\.0\).*not now: busy$/],
    [answering(''), 74, 'Z', /\(#4\.4\.2\).*without a complete answer$/],
    [(connection) => connection.request(), 74, 'Z', /no answer: timed out$/],
  ];
  for (const [script, exitCode, verdict, text] of cases) {
    const outcome = await submitTo(answering('9:Ztoo busy,'), script);
    strictEqual(outcome.exitCode, exitCode);
    strictEqual(outcome.answer.verdict, verdict);
    match(outcome.answer.text, text);
    match(outcome.answer.text, /: 127\.0\.0\.1:\d+: not now: too busy; 127\.0\.0\.1:\d+: /);
  }
});

test('connections that fail', async () => {
  const refused = await submit({ qmqpservers: `127.0.0.1:${await unusedPort()}\n` });
  strictEqual(refused.exitCode, 73);
  match(refused.answer.text, /\(#4\.4\.1\).*connection refused$/);
  const real = nodeSystem([]).network;
  const failing = (code: string): Network => ({
    ...real,
    connect: () => Promise.reject(new SystemError(code, code)),
  });
  const exitCode = async (code: string) =>
    (await submit({ qmqpservers: '192.0.2.1\n' }, { network: failing(code) })).exitCode;
  strictEqual(await exitCode('ETIMEDOUT'), 72);
  strictEqual(await exitCode('EHOSTUNREACH'), 73);
  strictEqual(await exitCode('EMFILE'), 56);
});

test('what a hub says cannot forge a line', async () => {
  const { answer } = await submitTo(answering('9:Dno\nK: ok,'));
  match(answer.text, /refused: no\\x0aK: ok$/);
});

test('a line that is no address is reported and skipped', async () => {
  const hub = await scriptedHub(answering('3:Kok,'));
  const { exitCode, warnings } = await submit({ qmqpservers: `1.2.3\n${hub.text}\nb\xe9\n` });
  strictEqual(exitCode, 0);
  strictEqual(
    warnings,
    'qmail-qmqpc: warning: control/qmqpservers: 1.2.3 is no address\n' +
      'qmail-qmqpc: warning: control/qmqpservers: b\\xe9 is no address\n',
  );
});

test('a warning that cannot be written does not hold up the message', async () => {
  const hub = await scriptedHub(answering('3:Kok,'));
  const { files } = nodeSystem([]);
  const write = () => {
    throw new SystemError('EPIPE', 'EPIPE');
  };
  const outcome = await submit({ qmqpservers: `1.2.3\n${hub.text}\n` }, { files: { ...files, write } });
  strictEqual(outcome.exitCode, 0);
});

test('without a usable hub it is the configuration that is wrong', async () => {
  for (const [controls, text] of [
    [{}, /control\/qmqpservers is missing$/],
    [{ qmqpservers: '' }, /names no hub$/],
    [{ qmqpservers: '# none\n' }, /names no hub$/],
    [{ qmqpservers: '1.2.3\n:1\n' }, /names no hub$/],
  ] as const) {
    const { exitCode, answer } = await submit(controls);
    strictEqual(exitCode, 55);
    strictEqual(answer.verdict, 'Z');
    match(answer.text, text);
  }
});

test('what is wrong with the configuration is known before there is a message', () => {
  const missing = openQmqpRoute(satellite(temporaryHome({})).system);
  strictEqual(!missing.ok && missing.outcome.exitCode, 55);
  const unreadable = temporaryHome({ qmqpservers: '127.0.0.1\n' });
  mkdirSync(`${unreadable}/control/me`);
  const unread = openQmqpRoute(satellite(unreadable).system);
  strictEqual(!unread.ok && unread.outcome.exitCode, 55);
  for (const home of [`${temporaryDirectory()}/missing`, '/dev/null']) {
    const nowhere = openQmqpRoute(satellite(home).system);
    strictEqual(!nowhere.ok && nowhere.outcome.exitCode, 61);
  }
  strictEqual(openQmqpRoute(satellite(temporaryHome({ qmqpservers: '1.2.3\n' })).system).ok, true);
});

test('a message that cannot be read back is a read error', async () => {
  const hub = await scriptedHub(answering('3:Kok,'));
  const { system } = satellite(temporaryHome({ qmqpservers: `${hub.text}\n` }));
  const message = {
    ...createSpill(system),
    sizeBytes: 4,
    // biome-ignore lint/correctness/useYield: it fails before the first piece.
    *chunks(): Generator<Uint8Array> {
      throw new Error('disk broken');
    },
  };
  const { exitCode, answer } = await qmqpQueue(system, message, envelope);
  strictEqual(exitCode, 54);
  match(answer.text, /disk broken$/);
});
