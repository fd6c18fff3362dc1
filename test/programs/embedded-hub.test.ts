import { deepStrictEqual, match, ok, rejects, strictEqual } from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type EmbeddedHubOptions, startEmbeddedHub } from '../../src/programs/embedded-hub.ts';
import type { Hub } from '../../src/programs/hub.ts';
import { classicLines } from '../../src/send/index.ts';
import { listenAddressText } from '../../src/serve/index.ts';
import { byteStringOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { captureQueue, temporaryDirectory } from '../support/home.ts';
import { endOfListening, hubFor, queueAt, sendTo } from '../support/hub-clients.ts';
import { hubControls, hubHome, hubUser, isRoot } from '../support/hub-home.ts';
import { qmqpPeer } from '../support/qmqp-peer.ts';
import { runProgram } from '../support/run-program.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { until } from '../support/until.ts';

interface Started {
  readonly hub: Hub;
  readonly home: string;
  readonly address: string;
  readonly log: readonly string[];
  /** Resolves with the first line that matches. */
  line(pattern: RegExp): Promise<string>;
}

interface Options extends Partial<EmbeddedHubOptions> {
  readonly env?: Readonly<Record<string, string>>;
}

/** The hub in this process, for all that does not depend on who runs it. */
async function start(context: TestContext, home = hubHome(), options: Options = {}): Promise<Started> {
  const log: string[] = [];
  let look = () => {};
  const system = nodeSystem([]);
  const hub = await startEmbeddedHub({
    system: { ...system, env: (name) => (name === 'QMAILHOME' ? byteStringOf(home) : options.env?.[name]) },
    home: byteStringOf(home),
    mailHome: byteStringOf(`${home}/home`),
    delivery: './Mailbox',
    listen: [{ address: '127.0.0.1', port: 0 }],
    report(event) {
      log.push(...classicLines(event, () => String(system.uid)));
      look();
    },
    onLost: (error) => {
      throw error;
    },
    ...options,
  });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= hub.stop();
    return stopped;
  };
  context.after(stop);
  const line = (pattern: RegExp) =>
    new Promise<string>((resolve) => {
      look = () => {
        const found = log.find((text) => pattern.test(text));
        if (found !== undefined) resolve(found);
      };
      look();
    });
  const [address] = hub.addresses.map(listenAddressText);
  return { hub: { ...hub, stop }, home, address: address ?? '', log, line };
}

test('a message goes from the network into the mailbox, and the log tells its story', async (context) => {
  const { address, home, log, line } = await start(context);
  match(await sendTo(address, 'you@hub.test'), /^\d+:Kok \d+ qp 1,$/);
  await line(/^end msg 1$/);
  match(readFileSync(`${home}/home/Mailbox`, 'latin1'), /\nDelivered-To: you@hub\.test\n/);
  const size = /bytes (\d+)/.exec(log[2] ?? '')?.[1];
  deepStrictEqual(log, [
    'status: local 0/10 remote 0/20',
    'new msg 1',
    `info msg 1: bytes ${size} from <s@x> qp 1 uid ${process.getuid?.()}`,
    'starting delivery 1: msg 1 to local you@hub.test',
    'status: local 1/10 remote 0/20',
    'delivery 1: success: did_1+0+0/',
    'status: local 0/10 remote 0/20',
    'end msg 1',
  ]);
});

test('a recipient at a host that cannot be reached waits, and the reason can be read', async (context) => {
  const { address, home, line, hub } = await start(context);
  match(await sendTo(address, 'joe@far\x1b.example'), /^\d+:Kok/);
  await line(/^delivery 1: deferral: Unable_to_connect_to_127\.0\.0\.1:_.*_\(#4\.4\.1\)\/$/);
  // What was reported is recorded by the time the hub has stopped.
  await hub.stop();
  const env = { QMAILHOME: home };
  const { stdout } = await runProgram({ program: 'qmail-qread', args: ['-l'], env });
  match(
    stdout,
    /<s@x> \n\tremote\tjoe@far_\.example\n\t\twaiting, 1 attempt, next .* Unable to connect to .*\(#4\.4\.1\)\n$/,
  );
  match((await runProgram({ program: 'qmail-qstat', env })).stdout, /^messages in queue: 1\n/);
  match((await runProgram({ program: 'mailq', env })).stdout, /\tremote\tjoe@far_\.example\n/);
});

test('a recipient at another host is sent to from the same process', async (context) => {
  const server = await startSmtpServer(context);
  const smtproutes = `:127.0.0.1:${server.port}\n`;
  const { address, line } = await start(context, hubHome({ ...hubControls, smtproutes }));
  match(await sendTo(address, 'joe@far.example'), /^\d+:Kok/);
  match(
    await line(/^delivery 1: /),
    /^delivery 1: success: 127\.0\.0\.1_accepted_message\.\/Remote_host_said:_250_/,
  );
  await line(/^end msg 1$/);
  strictEqual(server.messages.length, 1);
  match(server.messages[0] ?? '', /^Received: .*\r\n/);
});

test('addresses are no file names', async (context) => {
  const { address, home, hub, log } = await start(context, undefined, { delivery: './Maildir/' });
  for (const local of ['../../../escape', '/etc/x', '~root', '|touch /tmp/x']) {
    match(await sendTo(address, `${local}@hub.test`), /^\d+:Kok/);
  }
  await hub.stop();
  strictEqual(log.filter((text) => text.includes(': success: ')).length, 4);
  strictEqual(existsSync(`${home}/escape`), false);
});

test('control files set how much is done at once, and zero stops it', async (context) => {
  const { address, log, hub } = await start(
    context,
    hubHome({ ...hubControls, concurrencylocal: '0\n', concurrencyremote: '99999\n' }),
  );
  strictEqual(log[0], 'status: local 0/0 remote 0/1000');
  match(await sendTo(address, 'you@hub.test'), /^\d+:Kok/);
  await hub.stop();
  deepStrictEqual(
    log.filter((text) => text.startsWith('starting')),
    [],
  );
});

test('control files set the limits of QMQP', async (context) => {
  const { address } = await start(context, hubHome({ ...hubControls, qmqpdatabytes: '100\n' }));
  match(await sendTo(address, 'you@hub.test', 'x'.repeat(101)), /^\d+:D.*\(#5\.3\.4\),$/);
  match(await sendTo(address, 'you@hub.test', 'x'.repeat(100)), /^\d+:Kok/);
});

test('it reads locals again when it is told to', async (context) => {
  const { hub, home, address, line } = await start(context);
  writeFileSync(`${home}/control/locals`, 'other.test\n');
  hub.reload();
  await sendTo(address, 'joe@other.test');
  await line(/^delivery 1: success/);
  renameSync(`${home}/control/locals`, `${home}/control/kept`);
  mkdirSync(`${home}/control/locals`);
  hub.reload();
  await line(/^alert: control files kept as they were: unable to read .*\/control\/locals: EISDIR/);
  await sendTo(address, 'joe@other.test');
  await line(/^delivery 2: success/);
});

for (const way of ['$QMAILQUEUE', 'control/qmailqueue'] as const) {
  test(`${way} takes what comes over the network, and qmail-queue still reaches the queue`, async (context) => {
    const { program, envelope, message } = captureQueue();
    const home = hubHome(
      way === '$QMAILQUEUE' ? hubControls : { ...hubControls, qmailqueue: `${program}\n` },
    );
    const env = way === '$QMAILQUEUE' ? { QMAILQUEUE: program } : {};
    const { address, line } = await start(context, home, { env });
    match(await sendTo(address, 'joe@far.example'), /^\d+:Kok \d+ qp \d+,$/);
    strictEqual(envelope(), 'Fs@x\0Tjoe@far.example\0\0');
    match(
      message() ?? '',
      /^Received: from unknown \(127\.0\.0\.1\)\n {2}by hub\.test with QMQP; .*\nSubject: q\n\nbody\n$/,
    );
    await queueAt(home, 'you@hub.test');
    await line(/^end msg 1$/);
    match(readFileSync(`${home}/home/Mailbox`, 'latin1'), /\nReceived: \(qmail 1 invoked by uid \d+\)/);
  });
}

test('a program in the place of the queue is chosen for each message, and does not hold up the others', async (context) => {
  const directory = temporaryDirectory();
  const file = (name: string) => `${directory}/${name}`;
  const script = `: >'${file('begun')}'; until [ -e '${file('go')}' ]; do sleep 0.01; done`;
  writeFileSync(file('slow'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  context.after(() => writeFileSync(file('go'), ''));
  const home = hubHome({ ...hubControls, qmailqueue: `${file('slow')}\n` });
  const { address } = await start(context, home);
  const slow = sendTo(address, 'you@hub.test');
  while (!existsSync(file('begun'))) await new Promise(setImmediate);
  const refusing = captureQueue({ exit: 82, custom: 'Dnot for you (#5.7.1)' });
  writeFileSync(`${home}/control/qmailqueue`, `${refusing.program}\n`);
  strictEqual(await sendTo(address, 'you@hub.test'), '21:Dnot for you (#5.7.1),');
  writeFileSync(file('go'), '');
  match(await slow, /^\d+:Kok/);
  writeFileSync(`${home}/control/qmailqueue`, '/nonexistent/queue\n');
  match(
    await sendTo(address, 'you@hub.test'),
    /^\d+:Zunable to exec qq \(#4\.3\.0\): \/nonexistent\/queue: ENOENT,$/,
  );
});

test('a home of any name', async (context) => {
  const home = `${temporaryDirectory()}/z\u00fcrich`;
  renameSync(hubHome(), home);
  const { line } = await start(context, home);
  await queueAt(byteStringOf(home), 'you@hub.test');
  await line(/^end msg 1$/);
  ok(existsSync(`${home}/home/Mailbox`));
  ok(existsSync(`${home}/queue/store.sqlite`));
});

test('what a caller left among the proofs keeps no hub from starting', async (context) => {
  const home = hubHome(hubControls);
  // A directory into which the hub's user cannot look: root's, or one without permissions.
  mkdirSync(`${home}/queue/proof/foreign`, { recursive: true });
  writeFileSync(`${home}/queue/proof/foreign/file`, '');
  chmodSync(`${home}/queue/proof/foreign`, 0);
  const { uid, gid } = hubUser();
  if (isRoot) chownSync(`${home}/queue/proof`, uid, gid);
  const hub = await hubFor(context, { home });
  match(hub.lines.join('\n'), /^notice: what somebody left in .*\/queue\/proof stays there: .*\/foreign/m);
  await queueAt(home, 'you@hub.test');
  await hub.line(/^end msg 1$/);
  chmodSync(`${home}/queue/proof/foreign`, 0o700);
});

test('a start that fails leaves nothing running and the queue free', async (context) => {
  const home = hubHome();
  const { hub, address } = await start(context);
  const taken = { address: '127.0.0.1', port: Number(address.split(':')[1]) };
  await rejects(start(context, home, { listen: [{ address: '127.0.0.1', port: 0 }, taken] }), {
    code: 'EADDRINUSE',
  });
  strictEqual(existsSync(`${home}/queue/intake`), false);
  const again = await start(context, home);
  await again.hub.stop();
  await hub.stop();
});

test('a home that is not set up is an error that names the file', async (context) => {
  const missing = hubHome({ locals: 'hub.test\n' });
  await rejects(start(context, missing), {
    message: `${missing}/control/me is missing: write this host's name into it`,
  });
});

test('a stop lets a peer know that has said nothing yet', async (context) => {
  const { hub, address } = await start(context);
  const peer = await qmqpPeer(Number(address.split(':')[1]));
  await sendTo(address, 'you@hub.test');
  await hub.stop();
  match(await peer.reply, /^\d+:Zthis server is shutting down/);
});

test('a stop lets a delivery that runs forward what it has to', async (context) => {
  const home = hubHome();
  writeFileSync(
    `${home}/home/.qmail`,
    '|: >begun; until [ -e go ]; do sleep 0.05; done\n&you@elsewhere.test\n',
  );
  const { hub, address, line } = await start(context, home);
  match(await sendTo(address, 'you@hub.test'), /^\d+:K/);
  await until('the program', () => existsSync(`${home}/home/begun`) || undefined);
  const stopped = hub.stop();
  await endOfListening(address);
  writeFileSync(`${home}/home/go`, '');
  await stopped;
  match(await line(/^delivery 1: /), /^delivery 1: success: did_0\+1\+1\/qp_2\/$/);
});
