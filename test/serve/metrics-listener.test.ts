/** The metrics listener, over real sockets: what it shows, what it refuses, and that nobody holds it up. */
import { deepStrictEqual, match, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { beforeReading, counter } from '../../src/process/index.ts';
import {
  listenMetrics,
  type MetricsListener,
  metricsConnectionsMax,
  metricsHeaderBytesMax,
} from '../../src/serve/index.ts';
import { readMetrics, readSeries } from '../support/prometheus.ts';

const asked = counter('test_asked_total', 'Asked.');
const said: string[] = [];
const listener: MetricsListener = await listenMetrics({
  address: '127.0.0.1',
  port: 0,
  log: (line) => said.push(line),
});
after(() => listener.close());

const top = `http://127.0.0.1:${listener.address.port}`;
const request = 'GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n';

function open({ address: { port } }: MetricsListener): Socket {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  return socket;
}

/** A connection that is closed before it is read ends in a reset, which is no failure here. */
function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.on('close', resolve));
}

/** What comes back for these bytes, until the connection closes. */
async function exchange(bytes: string, where = listener): Promise<string> {
  const socket = open(where);
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.write(bytes);
  await closed(socket);
  return text;
}

test('GET /metrics answers what has been counted', async () => {
  asked.add(3);
  const response = await fetch(`${top}/metrics?monitor=1`);
  deepStrictEqual(response.status, 200);
  deepStrictEqual(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  deepStrictEqual(readSeries(readMetrics(await response.text()), 'test_asked_total'), 3);
});

test('HEAD answers the header alone', async () => {
  const answered = await exchange('HEAD /metrics HTTP/1.1\r\nHost: here\r\n\r\n');
  match(answered, /^HTTP\/1\.1 200 OK\r\n/);
  ok(answered.endsWith('\r\n\r\n'), answered);
});

for (const [method, path] of [
  ['GET', '/'],
  ['GET', '/metrics/'],
  ['GET', '//metrics'],
  ['GET', '/../metrics'],
  ['POST', '/metrics'],
  ['DELETE', '/metrics'],
] as const) {
  test(`${method} ${path} is not found`, async () => {
    const answered = await exchange(`${method} ${path} HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n`);
    match(answered, /^HTTP\/1\.1 404 /);
  });
}

test('one connection has one request', async () => {
  const answered = await exchange(request.repeat(3));
  deepStrictEqual(answered.split('HTTP/1.1 200').length - 1, 1);
});

test('what is no HTTP and a header that is too long are refused', async () => {
  match(await exchange('5:hello,\r\n\r\n'), /^HTTP\/1\.1 400 /);
  const long = 'x'.repeat(metricsHeaderBytesMax);
  match(await exchange(`GET /metrics HTTP/1.1\r\nHost: ${long}\r\n\r\n`), /^HTTP\/1\.1 431 /);
});

test('connections over the limit are closed, and those within it still answered', async () => {
  const crowded = await listenMetrics({ address: '127.0.0.1', port: 0 });
  const idle = Array.from({ length: metricsConnectionsMax }, () => open(crowded));
  await Promise.all(idle.map((socket) => once(socket, 'connect')));
  const first = idle[0];
  deepStrictEqual(await exchange(request, crowded), '');
  first?.write(request);
  const [answer] = await once(first as Socket, 'data');
  match(String(answer), /^HTTP\/1\.1 200 /);
  await crowded.close();
});

test('metrics that cannot be read are an answer and a line of the log', async () => {
  const end = beforeReading(() => {
    throw new Error('the disk is gone');
  });
  try {
    deepStrictEqual((await fetch(`${top}/metrics`)).status, 500);
    deepStrictEqual(said, ['unable to read the metrics: the disk is gone']);
  } finally {
    end();
  }
  deepStrictEqual((await fetch(`${top}/metrics`)).status, 200);
});

test('an address that is taken is refused', async () => {
  const other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const bound = other.address();
  const taken = typeof bound === 'object' ? (bound?.port ?? 0) : 0;
  await rejects(listenMetrics({ address: '127.0.0.1', port: taken }), /EADDRINUSE/);
  other.close();
});

test('closing waits for nobody', async () => {
  const other = await listenMetrics({ address: '127.0.0.1', port: 0 });
  const socket = open(other);
  await once(socket, 'connect');
  const gone = closed(socket);
  await other.close();
  await gone;
});
