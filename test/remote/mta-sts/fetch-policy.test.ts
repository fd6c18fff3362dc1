/** A policy over HTTPS, from servers that do as they should and from others. */
import { rejects, strictEqual } from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { after, test } from 'node:test';
import { fetchStsPolicy, stsPolicyBytesMax } from '../../../src/remote/mta-sts/fetch-policy.ts';
import { listenOn } from '../../../src/serve/listen-on.ts';
import { keysMissing, makeServerKey } from '../../support/server-key.ts';

const servers = new Set<Server>();

after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

let identity: ReturnType<typeof makeServerKey> | undefined;

async function fetchFrom(answer: RequestListener, domain = 'd.test', timeoutMs = 5000) {
  identity ??= makeServerKey(['mta-sts.d.test']);
  const server = createServer({ key: identity.key, cert: identity.cert }, answer);
  servers.add(server);
  const { port } = await listenOn(server, { address: '127.0.0.1', port: 0 });
  const addressOf = async (name: string) => (name.endsWith('.test') ? '127.0.0.1' : undefined);
  return await fetchStsPolicy(domain, { addressOf, authorities: identity.authority, port, timeoutMs });
}

test('the text of the policy', { skip: keysMissing }, async () => {
  const text = await fetchFrom((asked, response) => {
    strictEqual(asked.url, '/.well-known/mta-sts.txt');
    response.setHeader('content-type', 'text/plain; charset=utf-8').end('version: STSv1\r\n');
  });
  strictEqual(text, 'version: STSv1\r\n');
});

test('a server with a certificate for another name is not believed', { skip: keysMissing }, async () => {
  await rejects(
    fetchFrom((_, response) => response.end('x'), 'other.test'),
    /altnames|mta-sts\.other\.test/,
  );
});

test('what is no policy, too long, somewhere else, or takes too long', { skip: keysMissing }, async () => {
  await rejects(
    fetchFrom((_, response) => response.writeHead(404).end()),
    /answers 404/,
  );
  await rejects(
    fetchFrom((_, response) => response.writeHead(301, { location: '/x' }).end()),
    /answers 301/,
  );
  await rejects(
    fetchFrom((_, response) => response.setHeader('content-type', 'text/html').end('x')),
    /no text/,
  );
  await rejects(
    fetchFrom((_, response) =>
      response.setHeader('content-type', 'text/plain').end('x'.repeat(stsPolicyBytesMax + 1)),
    ),
    /more than 65536 bytes/,
  );
  await rejects(
    fetchFrom(() => {}, 'd.test', 100),
    /abort|timeout/i,
  );
  await rejects(
    fetchFrom(() => {}, 'd.nowhere'),
    /DNS knows no address/,
  );
});
