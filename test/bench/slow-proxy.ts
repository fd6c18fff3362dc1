/**
 * An SMTP server that takes its time, before one that does not: Node slow-proxy.ts PORT SERVERPORT MS PACE. Every reply is
 * held back for so long. With the pace `each` that begins when the reply before it is out, as at a server that works on one
 * command after the other: what `smtp-sink -W COMMAND:SECONDS` does, which knows whole seconds only. With the pace `far` it
 * begins when the reply is there, as at a server far away. It says so when it listens. A process of its own, since it needs
 * a processor of its own.
 */
import { connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

export const slowProxyProgram: string = fileURLToPath(import.meta.url);

export const paces = ['each', 'far'] as const;
export type Pace = (typeof paces)[number];

const host = '127.0.0.1';

/** Hands on what the server says, reply by reply. */
function slowDown(server: Socket, client: Socket, delayMs: number, pace: Pace): void {
  const replies: { readonly text: string; readonly dueMs: number }[] = [];
  let unread = '';
  let reply = '';
  let lastMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;

  function send(): void {
    timer = undefined;
    const nowMs = performance.now();
    let text = '';
    while (replies[0] !== undefined && replies[0].dueMs <= nowMs) text += replies.shift()?.text ?? '';
    if (text !== '') client.write(text, 'latin1');
    if (replies[0] !== undefined) timer = setTimeout(send, Math.max(replies[0].dueMs - nowMs, 0));
    else if (isOver) client.end();
  }

  server.on('data', (bytes: Buffer) => {
    unread += bytes.toString('latin1');
    for (let end = unread.indexOf('\n'); end >= 0; end = unread.indexOf('\n')) {
      const line = unread.slice(0, end + 1);
      unread = unread.slice(end + 1);
      reply += line;
      if (line[3] === '-') continue;
      const nowMs = performance.now();
      lastMs = (pace === 'each' ? Math.max(nowMs, lastMs) : nowMs) + delayMs;
      replies.push({ text: reply, dueMs: lastMs });
      reply = '';
    }
    if (timer === undefined) send();
  });
  // What it said before comes first.
  server.on('close', () => {
    isOver = true;
    if (timer === undefined) send();
  });
}

if (process.argv[1] === slowProxyProgram) {
  const [port = 0, serverPort = 0, delayMs = 0] = process.argv.slice(2, 5).map(Number);
  const pace = paces.find((one) => one === process.argv[5]);
  if (pace === undefined) throw new Error(`the pace is one of ${paces.join(' ')}`);
  createServer({ noDelay: true }, (client) => {
    const server = connect({ port: serverPort, host, noDelay: true });
    slowDown(server, client, delayMs, pace);
    client.pipe(server);
    server.on('error', () => client.destroy());
    client.on('error', () => server.destroy());
    client.on('close', () => server.destroy());
  }).listen(port, host, () => console.log('listening'));
}
