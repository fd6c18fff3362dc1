import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { startHub } from '../support/hub.ts';
import { endOfListening, hubFor, lockedHub, sendTo } from '../support/hub-clients.ts';
import { qmqpPeer, qmqpRequest } from '../support/qmqp-peer.ts';
import { runProgram } from '../support/run-program.ts';

describe('run-hub', () => {
  for (const signals of [['SIGTERM'], ['SIGINT'], ['SIGTERM', 'SIGTERM', 'SIGINT']] as const) {
    test(`${signals.join(', ')} ends it with 0 when what runs is finished`, async (context) => {
      const { hub, lock, mailbox } = await lockedHub(context);
      for (const signal of signals) {
        hub.signal(signal);
        // It takes nothing from the network any more.
        await endOfListening(hub.addresses[0]);
      }
      strictEqual(readFileSync(mailbox, 'latin1'), '');
      await lock.release();
      strictEqual(await hub.ended, 0);
      match(readFileSync(mailbox, 'latin1'), /^From s@x .*\n[\s\S]*\n\nbody\n\n$/);
      deepStrictEqual(hub.lines.slice(-2), ['end msg 1', 'status: exiting']);
    });
  }

  test('a request that is half there when it is to end gets its answer, a silent peer a refusal', async () => {
    const hub = await startHub();
    const port = Number(hub.addresses[0]?.split(':')[1]);
    const peer = await qmqpPeer(port);
    const silent = await qmqpPeer(port);
    const request = qmqpRequest('m\n', 's@x', 'you@hub.test');
    peer.send(request.slice(0, 5));
    // The next request is answered, so what came before has been read.
    match(await sendTo(hub.addresses[0], 'you@hub.test'), /^\d+:Kok/);
    hub.signal('SIGTERM');
    match(await silent.reply, /^\d+:Z.*shutting down/);
    peer.send(request.slice(5));
    match(await peer.reply, /^\d+:Kok/);
    strictEqual(await hub.ended, 0);
  });

  test('a hub that was killed goes on where it stopped', async (context) => {
    const { hub, lock, mailbox } = await lockedHub(context);
    match(await sendTo(hub.addresses[0], 'joe@far.example'), /^\d+:Kok/);
    hub.signal('SIGKILL');
    strictEqual(await hub.ended, 'SIGKILL');
    await lock.release();
    const again = await hubFor(context, { home: hub.home, delivery: './Mailbox' });
    await again.line(/^end msg 1$/);
    strictEqual(readFileSync(mailbox, 'latin1').match(/^From /gm)?.length, 1);
    const { stdout } = await runProgram({ program: 'qmail-qstat', env: { QMAILHOME: hub.home } });
    match(stdout, /^messages in queue: 1\n/);
  });

  test('SIGHUP reads locals again, and keeps what was in force when that fails', async (context) => {
    const hub = await hubFor(context);
    await sendTo(hub.addresses[0], 'joe@new.test');
    await hub.line(/^delivery 1: deferral/);
    writeFileSync(`${hub.home}/control/locals`, 'hub.test\nNew.Test\n');
    hub.signal('SIGHUP');
    await hub.line(/^notice: control files read again$/);
    await sendTo(hub.addresses[0], 'joe@new.test');
    await hub.line(/^delivery 2: success/);
    rmSync(`${hub.home}/control/locals`);
    mkdirSync(`${hub.home}/control/locals`);
    hub.signal('SIGHUP');
    match(
      await hub.line(/^alert:/),
      /^alert: control files kept as they were: unable to read .*\/control\/locals: /,
    );
    await sendTo(hub.addresses[0], 'joe@new.test');
    await hub.line(/^delivery 3: success/);
  });

  test('a log that nobody reads does not stop the mail', async (context) => {
    const hub = await hubFor(context);
    hub.readLog(false);
    const port = Number(hub.addresses[0]?.split(':')[1]);
    const recipients = Array.from({ length: 200 }, (_, index) => `${'r'.repeat(900)}${index}@hub.test`);
    let lines = 0;
    // Several times what the log's pipe holds.
    for (let count = 0; count < 5; count += 1) {
      const peer = await qmqpPeer(port);
      peer.send(qmqpRequest('m\n', 's@x', ...recipients));
      match(await peer.reply, /^\d+:Kok/);
      lines += recipients.length;
    }
    const delivered = () => hub.delivered().length;
    while (delivered() < lines) await new Promise((resolve) => setTimeout(resolve, 20));
    ok(!hub.lines.some((text) => text.startsWith('end msg 5')));
    hub.readLog(true);
    await hub.count(/^end msg/, 5);
    strictEqual(hub.lines.filter((text) => text.startsWith('starting delivery')).length, lines);
  });

  test('with --log json each line is one object, those on where it listens too', async (context) => {
    const hub = await hubFor(context, { args: ['--log', 'json', '--metrics', '127.0.0.1:0'] });
    await hub.line(/"listening metrics 127\.0\.0\.1:\d+"/);
    await sendTo(hub.addresses[0], 'you@hub.test');
    await hub.line(/"event":"end"/);
    hub.signal('SIGTERM');
    strictEqual(await hub.ended, 0);
    const events = hub.lines.map((text) => JSON.parse(text));
    deepStrictEqual(
      events.filter(({ text = '' }) => text.startsWith('listening ')).map(({ event }) => event),
      ['notice', 'notice'],
    );
    ok(events.every(({ time, event }) => typeof time === 'string' && typeof event === 'string'));
  });

  test('only its user may see what it writes', async (context) => {
    const hub = await hubFor(context);
    await sendTo(hub.addresses[0], 'you@hub.test');
    await hub.line(/^end msg/);
    const modes = [`${hub.home}/queue/store.sqlite`, ...hub.delivered()].map(
      (path) => statSync(path).mode & 0o777,
    );
    deepStrictEqual(modes, [0o600, 0o600]);
    strictEqual(statSync(`${hub.home}/queue`).mode & 0o777, 0o711);
  });
});
