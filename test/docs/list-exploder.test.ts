/** docs/list-exploder.md: its commands, 1,000 deliveries, and its numbers beside SMTP. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { executablesMissing, portOf, startBuiltHub } from '../support/built-hub.ts';
import { commandBlocks, runAsDocumented } from '../support/document.ts';
import { findProgram, needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';
import { hubHome } from '../support/hub-home.ts';
import { startRelay } from '../support/relay.ts';
import { sendPipelined } from '../support/smtp-client.ts';
import { textOfFile } from '../support/sources.ts';
import { until } from '../support/until.ts';
import { unusedPort } from '../support/unused-port.ts';

const page = 'docs/list-exploder.md';
const subscribers = 1000;

interface Counted {
  sessions: number;
  sentBytes: number;
  receivedBytes: number;
}

/** A proxy in front of a server, and what went through it. */
async function counting(port: number): Promise<{ readonly port: number; readonly counted: Counted }> {
  const counted: Counted = { sessions: 0, sentBytes: 0, receivedBytes: 0 };
  const relay = await startRelay(port, () => {
    counted.sessions += 1;
    return {
      request(bytes) {
        counted.sentBytes += bytes.length;
        return undefined;
      },
      reply(bytes) {
        counted.receivedBytes += bytes.length;
        return undefined;
      },
    };
  });
  return { port: relay.port, counted };
}

function canConnect(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(undefined));
  });
}

/** Postfix's SMTP server that takes everything and keeps nothing; its port. */
async function startSink(): Promise<number> {
  const port = await unusedPort();
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn(findProgram('smtp-sink') ?? '', [...user, `127.0.0.1:${port}`, '256'], {
    stdio: 'ignore',
    cwd: temporaryDirectory(),
  });
  after(() => child.kill('SIGKILL'));
  await until('smtp-sink to listen', () => canConnect(port));
  return port;
}

/** One session of smtp-source for each recipient. */
async function sessionEach(port: number, messagePath: string): Promise<void> {
  const args = ['-m', String(subscribers), '-s', '10', '-M', 'lists.example', '-F', messagePath];
  const addresses = ['-f', 'news-return-1-@lists.example', '-t', 'subscriber-0001@hub.example'];
  const child = spawn(findProgram('smtp-source') ?? '', [...args, ...addresses, `127.0.0.1:${port}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  strictEqual((await once(child, 'close'))[0], 0);
}

/** The rows of the table in the page: sessions, bytes sent, bytes received, by name. */
function documented(): ReadonlyMap<string, readonly number[]> {
  const rows = textOfFile(page).matchAll(/^\| ([^|]+) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|$/gm);
  return new Map(
    [...rows].map(([, name = '', ...numbers]) => [
      name,
      numbers.map((text) => Number(text.replaceAll(',', ''))),
    ]),
  );
}

function compare(name: string, { sessions, sentBytes, receivedBytes }: Counted): void {
  const actual = [sessions, sentBytes, receivedBytes];
  const expected = documented().get(name) ?? [];
  const near = actual.every(
    (value, index) => Math.abs(value - (expected[index] ?? 0)) <= Math.max(8, value / 100),
  );
  ok(near, `${name}: counted ${actual.join(', ')}, and ${page} says ${expected.join(', ')}`);
}

test('a list exploder: one session for 1,000 recipients', { skip: executablesMissing }, async () => {
  const hub = await startBuiltHub({ home: hubHome({ me: 'hub.example\n', locals: 'hub.example\n' }) });
  const { port, counted } = await counting(portOf(hub));
  const work = await runAsDocumented(commandBlocks(page).join('\n').replaceAll('6280', String(port)));
  compare('QMQP, all recipients', counted);
  await hub.count(/^delivery \d+: success/, subscribers);
  const recipients = hub.messages().map((text) => {
    const recipient = /^Delivered-To: (.*)$/m.exec(text)?.[1] ?? '';
    const verp = `Return-Path: <news-return-1-${recipient.replace('@', '=')}@lists.example>\n`;
    ok(text.startsWith(verp), text);
    return recipient;
  });
  const all = readFileSync(`${work}/subscribers`, 'latin1').trim().split('\n');
  deepStrictEqual(recipients.toSorted(), all);
  strictEqual(await hub.stop(), 0);

  const message = readFileSync(`${work}/message`, 'latin1');
  match(message, /^From: Editor/);
  const qmqp = counted.sentBytes;
  const { skip } = needs('smtp-sink', 'smtp-source');
  if (skip) return;
  const sink = await startSink();
  const pipelined = await counting(sink);
  await sendPipelined(pipelined.port, { sender: 'news-return-1-@lists.example', recipients: all, message });
  compare('SMTP, pipelined, all recipients', pipelined.counted);
  const each = await counting(sink);
  await sessionEach(each.port, `${work}/message`);
  compare('SMTP, a session for each recipient', each.counted);
  ok(qmqp < pipelined.counted.sentBytes && pipelined.counted.sentBytes < each.counted.sentBytes);
});
