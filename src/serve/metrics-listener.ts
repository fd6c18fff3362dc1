/**
 * Shows the metrics of this process to a monitor: GET /metrics answers them in the text format of Prometheus, and
 * nothing else is found here. It has no access rules of its own: listen on the loopback, or behind a packet filter.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { metricsText, showProcess } from '../process/index.ts';
import { errorText } from '../system/index.ts';
import type { ListenAddress } from './listen-address.ts';

export interface MetricsListenerOptions extends ListenAddress {
  /** Takes one line without its line end, when the metrics cannot be read. */
  readonly log?: (line: string) => void;
}

export interface MetricsListener {
  /** With the port that the kernel gave. */
  readonly address: ListenAddress;
  close(): Promise<void>;
}

/** Monitors are few. */
export const metricsConnectionsMax = 20;

/** A request line and the header of a monitor need no more. */
export const metricsHeaderBytesMax = 8192;

/** How long a request may take to arrive, and a silent connection stays. */
export const metricsRequestMs = 5_000;

/** How often the connections' times are checked. */
const checkMs = 1_000;

const contentType = 'text/plain; version=0.0.4; charset=utf-8';

function send(response: ServerResponse, status: number, type: string, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  // One request for each connection: whatever else the peer sent is dropped with it.
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': bytes.length, Connection: 'close' });
  response.end(bytes);
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

/** Rejects when the address cannot be listened on. */
export function listenMetrics({ address, port, log }: MetricsListenerOptions): Promise<MetricsListener> {
  // Programs that serve one connection on their descriptors import this room too, and need no HTTP.
  const { createServer } = process.getBuiltinModule('node:http');

  function answer({ method, url }: IncomingMessage, response: ServerResponse): void {
    if ((method !== 'GET' && method !== 'HEAD') || pathOf(url ?? '') !== '/metrics') {
      send(response, 404, 'text/plain', 'only GET /metrics is here\n');
      return;
    }
    let text: string;
    try {
      text = metricsText();
    } catch (error) {
      log?.(`unable to read the metrics: ${errorText(error)}`);
      send(response, 500, 'text/plain', 'the metrics cannot be read now\n');
      return;
    }
    send(response, 200, contentType, text);
  }

  const server: Server = createServer(
    {
      maxHeaderSize: metricsHeaderBytesMax,
      headersTimeout: metricsRequestMs,
      requestTimeout: metricsRequestMs,
      connectionsCheckingInterval: checkMs,
    },
    answer,
  );
  server.maxConnections = metricsConnectionsMax;
  // Also for a peer that does not read its answer.
  server.setTimeout(metricsRequestMs);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port, ipv6Only: false }, () => {
      const bound = server.address();
      if (bound === null || typeof bound === 'string') throw new Error('a TCP listener has no TCP address');
      const hideProcess = showProcess();
      resolve({
        address: { address: bound.address, port: bound.port },
        close: () =>
          new Promise((done) => {
            hideProcess();
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
}
