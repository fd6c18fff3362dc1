import { deepStrictEqual, rejects } from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { createListResolver } from '../../../src/serve/index.ts';
import { listServerMissing, startListServer } from '../../support/list-server.ts';

test('answers of a real server: listed, not listed, and no such name', {
  skip: listServerMissing,
}, async () => {
  const { addresses, texts } = createListResolver([await startListServer()]);
  deepStrictEqual(await addresses('2.0.0.127.bad.test'), ['127.0.0.2']);
  deepStrictEqual(await texts('2.0.0.127.bad.test'), ['listed for a test']);
  deepStrictEqual(await texts('8.2.0.192.bad.test'), []);
  deepStrictEqual(await addresses('1.0.0.127.bad.test'), []);
  deepStrictEqual(await texts('1.0.0.127.bad.test'), []);
});

test('a server that fails, and nobody who answers, are no answer', async (context) => {
  const failing = createSocket('udp4');
  context.after(() => failing.close());
  failing.on('message', (question, { port, address }) => {
    const answer = Buffer.from(question);
    // A response (QR) with SERVFAIL (RFC 1035 4.1.1).
    answer[2] = 0x80;
    answer[3] = 2;
    failing.send(answer, port, address);
  });
  failing.bind(0, '127.0.0.1');
  await once(failing, 'listening');
  const { addresses, texts } = createListResolver([`127.0.0.1:${failing.address().port}`]);
  await rejects(addresses('2.0.0.127.bad.test'), { message: 'ESERVFAIL' });
  await rejects(texts('2.0.0.127.bad.test'), { message: 'ESERVFAIL' });
});
