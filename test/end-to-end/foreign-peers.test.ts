/** The shipped executables and programs that others wrote: Postfix's QMQP server, sink and source, and tcpserver. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, symlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { eachBody } from '../support/bodies.ts';
import {
  executablesMissing,
  localAddress,
  satelliteHome,
  startBuiltHub,
  startSatellite,
} from '../support/built-hub.ts';
import { builtExecutable } from '../support/executables.ts';
import { findProgram, needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';
import { hubControls, hubHome } from '../support/hub-home.ts';
import { postfixMissing, startPostfix } from '../support/postfix.ts';
import { until } from '../support/until.ts';
import { unusedPort } from '../support/unused-port.ts';

const body = `${'All bytes but CR: \xe9\x80\xff\x01\n'.repeat(5000)}From here on\n.\n`;

async function sendmail(port: number, recipient: string): Promise<void> {
  const home = satelliteHome(`127.0.0.1:${port}`);
  const args = ['-i', '-f', 'sender@satellite.test', recipient];
  const { child, ended } = startSatellite({ home, program: 'sendmail', args });
  child.stdin?.end(`Subject: to a stranger\n\n${body}`, 'latin1');
  assert.deepEqual(await ended, { exit: 0, stderr: '' });
}

function below(path: string): string {
  const text = readFileSync(path, 'latin1');
  return text.slice(text.indexOf('\n\n') + 2);
}

/** A server of others that listens on a port, ended with the test. */
async function serve(context: TestContext, port: number, start: () => ChildProcess): Promise<void> {
  const server = start();
  context.after(async () => {
    server.kill();
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  });
  await until(`a listener on port ${port}`, async () => {
    const socket = connect(port, '127.0.0.1');
    const up = await once(socket, 'connect').catch(() => undefined);
    socket.destroy();
    return up === undefined ? undefined : true;
  });
}

eachBody(
  "a satellite's sendmail delivers to Postfix's qmqpd",
  {
    skip: executablesMissing || postfixMissing(),
  },
  async (context) => {
    const postfix = await startPostfix();
    context.after(() => postfix.stop());
    await sendmail(postfix.qmqpPort, postfix.address);
    const path = await until("Postfix's delivery", () => postfix.delivered()[0]);
    assert.equal(below(path) === body, true);
  },
);

eachBody(
  "a satellite's sendmail delivers to qmqp-sink",
  {
    skip: executablesMissing || needs('qmqp-sink').skip,
  },
  async (context) => {
    const port = await unusedPort();
    const sink = [findProgram('qmqp-sink') ?? '', `127.0.0.1:${port}`, '10'] as const;
    await serve(context, port, () => spawn(sink[0], sink.slice(1), { stdio: 'ignore' }));
    await sendmail(port, 'anybody@elsewhere.example');
  },
);

test('under tcpserver, qmail-qmqpd hands what qmqp-source sends to the queue of a hub', {
  skip: executablesMissing || needs('tcpserver', 'qmqp-source').skip,
}, async (context) => {
  // qmqp-source sends the same bytes each time, and means them as so many messages.
  const home = hubHome({ ...hubControls, submissionmemory: '0\n' });
  const hub = await startBuiltHub({ home, listen: [] });
  context.after(() => hub.stop());
  const directory = temporaryDirectory();
  symlinkSync(builtExecutable('mini-qmail'), `${directory}/qmail-qmqpd`);
  const port = await unusedPort();
  const server = ['-RHl0', '127.0.0.1', String(port), `${directory}/qmail-qmqpd`];
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', QMAILHOME: hub.home };
  await serve(context, port, () => spawn(findProgram('tcpserver') ?? '', server, { env, stdio: 'ignore' }));

  const load = ['-s', '4', '-m', '20', '-t', localAddress, `127.0.0.1:${port}`];
  const source = spawn(findProgram('qmqp-source') ?? '', load, { stdio: 'inherit' });
  assert.deepEqual(await once(source, 'close'), [0, null]);
  await until('20 files', () => (hub.delivered().length === 20 ? true : undefined));
  for (const text of hub.messages()) {
    assert.match(text, /\nReceived: from unknown \(127\.0\.0\.1\)\n {2}by 0 with QMQP; /);
  }
});
