/**
 * A host that floods: Node flood.ts PORT LOCALADDRESS MESSAGES CONNECTIONS BYTES. It sends over as many connections at
 * once, one message each, and says how long that took. A process of its own, since it needs a processor of its own.
 */
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { qmqpRequest } from '../support/qmqp-peer.ts';

export const floodProgram: string = fileURLToPath(import.meta.url);

export const floodSender = 'cron@flooding.example';
export const floodRecipient = 'flooded@hub.example';

/** Resolves when the message is accepted. */
function send(port: number, localAddress: string, request: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    let reply = '';
    const socket = connect({ host: '127.0.0.1', port, localAddress, noDelay: true });
    socket.on('data', (bytes: Buffer) => {
      reply += bytes.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => {
      if (reply.includes(':K')) resolve();
      else reject(new Error(`the hub answered ${JSON.stringify(reply)}`));
    });
    socket.write(request);
  });
}

async function flood(port: number, from: string, messages: number, connections: number, sizeBytes: number) {
  let sent = 0;
  const line = async () => {
    while (sent < messages) {
      sent += 1;
      const text = `Message-ID: <${sent}.${process.pid}@flooding.example>\n\n`.padEnd(
        sizeBytes - 1,
        'Again! ',
      );
      await send(port, from, Buffer.from(qmqpRequest(`${text}\n`, floodSender, floodRecipient), 'latin1'));
    }
  };
  await Promise.all(Array.from({ length: connections }, line));
}

if (process.argv[1] === floodProgram) {
  const [port = '', from = '', messages = '', connections = '', sizeBytes = ''] = process.argv.slice(2);
  const started = performance.now();
  await flood(Number(port), from, Number(messages), Number(connections), Number(sizeBytes));
  console.log(((performance.now() - started) / 1000).toFixed(3));
}
