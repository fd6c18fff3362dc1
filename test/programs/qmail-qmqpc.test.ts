/** qmail-qmqpc as a process: the recorded answers of the original, foreign hubs, and what can go wrong. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { currentBody, eachBody } from '../support/bodies.ts';
import { findProgram, needs } from '../support/foreign.ts';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';
import { measuringMissing, peakBytes, sparseFile } from '../support/measure.ts';
import { postfixMissing, startPostfix } from '../support/postfix.ts';
import { type QmqpcCase, qmqpcRules, stepsOf } from '../support/qmqpc-vectors.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';
import { answering, type Script, scriptedHub } from '../support/scripted-hub.ts';
import { unusedPort } from '../support/unused-port.ts';
import { vectors } from '../support/vectors.ts';

const message = 'Subject: q\n\nbody\n';
const envelope = 'Fs@x.y\0Ta@b.c\0\0';

interface Submission {
  readonly controls: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly fd1?: string;
  readonly program?: string;
}

function submit({ controls, stdin = message, fd1 = envelope, program = 'qmail-qmqpc' }: Submission) {
  const env = { QMAILHOME: temporaryHome(controls) };
  return runProgram({ program, env, stdin, envelope: fd1, main: satelliteMain });
}

/** A server of a case, on a port of its own. */
function scriptOf(script: QmqpcCase['servers'][string]): Script {
  return async (connection) => {
    for (const [action, text] of stepsOf(script)) {
      if (action === 'read') await connection.request();
      else if (action === 'send') connection.send(text ?? '');
      else if (action !== 'close') throw new Error(`a server does not know how to ${action}`);
    }
    connection.close();
  };
}

vectors<QmqpcCase>({
  file: 'qmqpc.json',
  satellite: true,
  rules: qmqpcRules,
  async run(vector) {
    const hubs = new Map<string, Awaited<ReturnType<typeof scriptedHub>>>();
    for (const [address, script] of Object.entries(vector.servers)) {
      hubs.set(address, await scriptedHub(scriptOf(script), address));
    }
    const nobody = await unusedPort();
    // The cases have their servers on port 628: every line gets the port that its server has here.
    const lines = vector.qmqpservers?.replaceAll(
      /^([A-Za-z0-9.]+)(:628)?(?=[ \t\r]|$)/gm,
      (_line, host) => `${host}:${hubs.get(host)?.port ?? nobody}`,
    );
    const controls = { me: 'ref.test\n', ...(lines === undefined ? {} : { qmqpservers: lines }) };
    const { exit } = await submit({ controls, stdin: vector.stdin, fd1: vector.fd1 });
    const requests = Object.fromEntries(
      [...hubs].map(([address, hub]) => [
        address,
        { connections: hub.received.length, data: hub.received[0] ?? '' },
      ]),
    );
    for (const hub of hubs.values()) hub.close();
    // The original says nothing on descriptor 2; what we say there is for people.
    return { exit, requests };
  },
});

eachBody('it is qmail-queue as well, and says nothing when all is well', async () => {
  const hub = await scriptedHub(answering('3:Kok,'));
  const controls = { qmqpservers: `${hub.text}\n` };
  for (const program of ['qmail-qmqpc', 'qmail-queue']) {
    deepStrictEqual(await submit({ controls, program }), { exit: 0, stdout: '', stderr: '' });
  }
  deepStrictEqual(hub.received, Array(2).fill('37:17:Subject: q\n\nbody\n,5:s@x.y,5:a@b.c,,'));
});

eachBody('what every hub answered is on descriptor 2', async () => {
  const first = await scriptedHub(answering('5:Zbusy,'));
  const second = await scriptedHub(answering('3:Dno,'));
  const { exit, stderr } = await submit({
    controls: { qmqpservers: `x.1\n${first.text}\n${second.text}\n` },
  });
  strictEqual(exit, 31);
  strictEqual(
    stderr,
    'qmail-qmqpc: warning: control/qmqpservers: x.1 is no address\n' +
      'qmail-qmqpc: mail server permanently rejected message (#5.3.0): ' +
      `${first.text}: not now: busy; ${second.text}: refused: no\n`,
  );
});

eachBody('a configuration that cannot work is known before the message is read', async () => {
  const unreadable = temporaryHome({ qmqpservers: '127.0.0.1\n' });
  mkdirSync(`${unreadable}/control/me`);
  const cases: readonly (readonly [home: string, exit: number, text: RegExp])[] = [
    [temporaryHome({ me: 'ref.test\n' }), 55, /qmqpservers is missing/],
    [unreadable, 55, /control\/me/],
    [`${temporaryDirectory()}/missing`, 61, /missing/],
  ];
  for (const [home, exit, text] of cases) {
    const [program = '', ...words] = currentBody().command;
    const child = spawn(program, [...words, 'qmail-qmqpc'], { env: { QMAILHOME: home } });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    // Descriptor 0 stays open: whoever waits for its end waits for ever.
    const [code] = await once(child, 'close');
    strictEqual(code, exit);
    match(stderr, text);
  }
});

eachBody('qmqpservers without a usable line, and control/me missing', async () => {
  for (const qmqpservers of ['', '# none\n\n', '1.2.3\n:9\n']) {
    const { exit, stderr } = await submit({ controls: { qmqpservers } });
    strictEqual(exit, 55);
    match(stderr, /names no hub/);
  }
  const hub = await scriptedHub(answering('3:Kok,'));
  strictEqual((await submit({ controls: { qmqpservers: `${hub.text}\n` } })).exit, 0);
});

eachBody('an envelope that is malformed reaches no hub', async () => {
  const hub = await scriptedHub(answering('3:Kok,'));
  const controls = { qmqpservers: `${hub.text}\n` };
  for (const [fd1, exit] of [
    ['', 91],
    ['Fs@x.y\0Ta@b.c\0', 91],
    ['Fs@x.y\0Ta@b.c', 91],
    ['Xs\0\0', 91],
    ['Fs\0Xa\0\0', 91],
    [`F${'s'.repeat(65_536)}\0\0`, 11],
  ] as const) {
    strictEqual((await submit({ controls, fd1 })).exit, exit, fd1.slice(0, 20));
  }
  deepStrictEqual(hub.received, []);
});

eachBody('descriptors that cannot be read', async () => {
  const env = { QMAILHOME: temporaryHome({ qmqpservers: '127.0.0.1\n' }) };
  const directory = openSync(temporaryDirectory(), 'r');
  const empty = openSync('/dev/null', 'r');
  for (const stdio of [
    [directory, empty],
    [empty, directory],
  ] as const) {
    const [program = '', ...words] = currentBody().command;
    const child = spawn(program, [...words, 'qmail-qmqpc'], {
      env,
      stdio: [...stdio, 'ignore'],
    });
    const [code] = await once(child, 'close');
    strictEqual(code, 54);
  }
});

/** Submits a file to a hub that reads the client's peak of memory before it answers. */
async function peakOf(message: string): Promise<{ readonly peak: number; readonly sentBytes: number }> {
  let peak = 0;
  let sentBytes = 0;
  let expected = 0;
  const server = createServer((socket) => {
    socket.on('data', (chunk) => {
      if (sentBytes === 0)
        expected = chunk.indexOf(':') + 2 + Number.parseInt(chunk.toString('latin1', 0, 20), 10);
      sentBytes += chunk.length;
      if (sentBytes < expected) return;
      peak = peakBytes(child.pid ?? 0);
      socket.end('3:Kok,');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const file = `${temporaryDirectory()}/envelope`;
  writeFileSync(file, envelope);
  const inputs = [openSync(message, 'r'), openSync(file, 'r')] as const;
  const [program = '', ...words] = currentBody().command;
  const child = spawn(program, [...words, 'qmail-qmqpc'], {
    env: { PATH: '/usr/bin:/bin', QMAILHOME: temporaryHome({ qmqpservers: `127.0.0.1:${port}\n` }) },
    stdio: [...inputs, 'inherit'],
  });
  const [exit] = await once(child, 'close');
  for (const descriptor of inputs) closeSync(descriptor);
  server.close();
  strictEqual(exit, 0);
  return { peak, sentBytes };
}

eachBody(
  'a message of 300 MB takes no more memory than a small one',
  { skip: measuringMissing },
  async () => {
    const small = await peakOf(sparseFile(1000));
    const large = await peakOf(sparseFile(300_000_000));
    ok(large.sentBytes > 300_000_000);
    ok(large.peak - small.peak < 30_000_000, `${large.peak - small.peak} bytes more`);
  },
);

eachBody('Postfix’s qmqp-sink takes messages of any size', needs('qmqp-sink'), async () => {
  const port = await unusedPort();
  const sink = spawn(findProgram('qmqp-sink') ?? '', [`127.0.0.1:${port}`, '10'], { stdio: 'ignore' });
  try {
    for (;;) {
      const socket = connect(port, '127.0.0.1');
      const up = await once(socket, 'connect').catch(() => undefined);
      socket.destroy();
      if (up !== undefined) break;
    }
    const controls = { qmqpservers: `127.0.0.1:${port}\n` };
    for (const stdin of ['', message, 'x'.repeat(1_000_000)]) {
      deepStrictEqual(await submit({ controls, stdin }), { exit: 0, stdout: '', stderr: '' });
    }
  } finally {
    sink.kill();
  }
});

eachBody('Postfix’s own qmqpd delivers what it was given', { skip: postfixMissing() }, async () => {
  const postfix = await startPostfix();
  try {
    const controls = { qmqpservers: `127.0.0.1:${postfix.qmqpPort}\n` };
    const body = `${'line\n'.repeat(100_000)}From here\n\xe9\n`;
    const stdin = `Subject: whole\nFrom: s@x.test\nDate: 5 Nov 2026 08:44:38 -0000\nMessage-ID: <1@x.test>\n\n${body}`;
    const { exit, stderr } = await submit({ controls, stdin, fd1: `Fs@x.test\0T${postfix.address}\0\0` });
    strictEqual(stderr, '');
    strictEqual(exit, 0);
    while (postfix.delivered().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const delivered = readFileSync(postfix.delivered()[0] ?? '', 'latin1');
    strictEqual(delivered.slice(delivered.indexOf('Subject: whole')) === stdin, true);
  } finally {
    await postfix.stop();
  }
});
