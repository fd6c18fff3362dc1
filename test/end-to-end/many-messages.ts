/**
 * Many messages from Postfix's qmqp-source, compared byte for byte with what is in the Maildir at the end. They pass
 * through a relay that records them. qmqp-source sends the same message all the time, so the relay also writes a number
 * into each: one that was delivered twice cannot stand for one that was not.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { localAddress, portOf, startBuiltHub } from '../support/built-hub.ts';
import { findProgram } from '../support/foreign.ts';
import { hubControls, hubHome } from '../support/hub-home.ts';
import { parseRequest } from '../support/netstrings.ts';
import { type Passing, startRelay } from '../support/relay.ts';
import { until } from '../support/until.ts';

export interface ManyMessages {
  readonly messages: number;
  readonly sessions: number;
  /** Of each message, header and all. */
  readonly sizeBytes: number;
}

const deliveryMsMax = 60_000;

const sender = 'source@satellite.test';

/** The lines that the hub puts on top: two of the delivery, one of the queue, one of the network. */
const added = new RegExp(
  [
    `^Return-Path: <${sender}>\n`,
    `Delivered-To: ${localAddress}\n`,
    'Received: \\(qmail \\d+ invoked from network\\); [^\n]+ -0000\n',
    'Received: from unknown \\(127\\.0\\.0\\.1\\)\n  by hub\\.test with QMQP; [^\n]+ -0000\n',
  ].join(''),
);

/** What the number is written over; qmqp-source fills its messages with this letter. */
const place = 'XXXXXXXX';

interface Recorded {
  readonly request: Buffer[];
  reply: string;
}

function writeNumber(bytes: Buffer, number: number): void {
  const at = bytes.indexOf(place);
  assert.ok(at >= 0, 'the first bytes of a request have no place for its number');
  bytes.write(String(number).padStart(place.length, '0'), at, 'latin1');
}

function below(path: string): string {
  const text = readFileSync(path, 'latin1');
  const [head] = added.exec(text) ?? [];
  assert.ok(head, `${path} begins with other lines than the hub's:\n${text.slice(0, 1000)}`);
  return text.slice(head.length);
}

async function runSource(port: number, { messages, sessions, sizeBytes }: ManyMessages): Promise<void> {
  const sizes = ['-m', String(messages), '-s', String(sessions), '-l', String(sizeBytes)];
  const args = [...sizes, '-f', sender, '-t', localAddress, `inet:127.0.0.1:${port}`];
  const source = spawn(findProgram('qmqp-source') ?? '', args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const [exit] = await once(source, 'close');
  assert.equal(exit, 0);
}

export async function manyMessages(context: TestContext, load: ManyMessages): Promise<void> {
  // Nothing here depends on what a hub remembers: as for all that qmqp-source sends, it remembers nothing.
  const hub = await startBuiltHub({ home: hubHome({ ...hubControls, submissionmemory: '0\n' }) });
  const recorded: Recorded[] = [];
  const record = (): Passing => {
    const connection: Recorded = { request: [], reply: '' };
    const number = recorded.push(connection);
    return {
      request: (bytes) => {
        if (connection.request.length === 0) writeNumber(bytes, number);
        connection.request.push(bytes);
        return undefined;
      },
      reply: (bytes) => {
        connection.reply += bytes.toString('latin1');
        return undefined;
      },
    };
  };
  const relay = await startRelay(portOf(hub), record);

  const startMs = performance.now();
  await runSource(relay.port, load);
  const acceptedMs = performance.now();
  assert.equal(recorded.length, load.messages);
  for (const { reply } of recorded) assert.match(reply, /^\d+:Kok \d+ qp \d+,$/);

  const isDone = () => (hub.delivered().length >= load.messages ? true : undefined);
  await until('the last message in the Maildir', isDone, deliveryMsMax);
  const deliveredMs = performance.now();
  assert.equal(await hub.stop(), 0);

  const sent = recorded.map(({ request }) => parseRequest(Buffer.concat(request)).message.toString('latin1'));
  const delivered = hub.delivered().map(below);
  assert.equal(delivered.length, load.messages);
  assert.deepEqual(delivered.sort(), sent.sort());
  assert.equal(new Set(sent).size, load.messages);

  const seconds = (fromMs: number, toMs: number) => ((toMs - fromMs) / 1000).toFixed(1);
  context.diagnostic(
    `${load.messages} messages: accepted in ${seconds(startMs, acceptedMs)} s, in the Maildir after ${seconds(startMs, deliveredMs)} s`,
  );
}
