import { match, ok, rejects, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Carrier, createCarrier } from '../../../src/remote/smtp/carrier.ts';
import { ask, BrokenOff, hear } from '../../../src/remote/smtp/conversation.ts';
import { type SmtpServer, startSmtpServer } from '../../support/smtp-server.ts';
import { until } from '../../support/until.ts';

const conversationMs = 10_000;

async function carrierTo(
  context: TestContext,
  answer: (command: string) => string | undefined,
  replyMs = 5_000,
): Promise<{ readonly carrier: Carrier; readonly server: SmtpServer }> {
  const server = await startSmtpServer(context, { answer });
  const socket = connect(server.port, '127.0.0.1');
  context.after(() => socket.destroy());
  await once(socket, 'connect');
  const carrier = createCarrier(socket, {
    host: 'localhost',
    serverName: 'localhost',
    mustVerify: false,
    authorities: undefined,
    implicitTls: false,
    replyMs,
  });
  strictEqual((await carrier.carry(hear(), conversationMs)).code, 220);
  return { carrier, server };
}

test('a conversation is carried, and the connection is idle before and after it', async (context) => {
  const { carrier, server } = await carrierTo(context, () => '250 ok\r\n');
  ok(carrier.isIdle);
  strictEqual((await carrier.carry(ask('NOOP'), conversationMs)).code, 250);
  ok(carrier.isIdle);
  carrier.close();
  ok(!carrier.isIdle);
  await until('QUIT', () => (server.commands.at(-1) === 'QUIT' ? true : undefined));
});

test('a reply that does not come in time breaks off', async (context) => {
  const { carrier } = await carrierTo(context, () => '250-\r\n', 30);
  await rejects(carrier.carry(ask('NOOP'), conversationMs), (error) => {
    ok(error instanceof BrokenOff);
    match(error.message, /took too long/);
    return true;
  });
  ok(!carrier.isIdle);
});

test('a second answer is found out before the next command', async (context) => {
  const { carrier, server } = await carrierTo(context, () => '250 ok\r\n250 ok\r\n');
  await carrier.carry(ask('NOOP'), conversationMs);
  await until('the second', () => (carrier.isIdle ? undefined : true));
  await rejects(carrier.carry(ask('NOOP'), conversationMs), /not asked/);
  strictEqual(server.commands.length, 1);
});
