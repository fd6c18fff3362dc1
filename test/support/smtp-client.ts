/** An SMTP client that pipelines (RFC 2920): all commands of a transaction up to DATA are sent in one piece. */
import { once } from 'node:events';
import { connect } from 'node:net';

export interface Transaction {
  readonly sender: string;
  readonly recipients: readonly string[];
  /** With lines that end in LF; none begins with a dot. */
  readonly message: string;
}

const code = /^(\d{3})(?: .*)?$/;

/** Sends one message in a session of its own, and rejects when anything is refused. */
export async function sendPipelined(port: number, transaction: Transaction): Promise<void> {
  const { sender, recipients, message } = transaction;
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  const replies: string[] = [];
  let rest = '';
  let wake = () => {};
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\r\n');
    rest = lines.pop() ?? '';
    replies.push(...lines.filter((line) => code.test(line)));
    wake();
  });
  const closed = once(socket, 'close');

  /** Waits for this many replies, each of which must begin so. */
  async function expect(count: number, first: string): Promise<void> {
    while (replies.length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const wrong = replies.splice(0, count).find((reply) => !reply.startsWith(first));
    if (wrong !== undefined) throw new Error(`the server said ${wrong}`);
  }

  await expect(1, '2');
  socket.write('EHLO lists.example\r\n');
  await expect(1, '2');
  const commands = [`MAIL FROM:<${sender}>`, ...recipients.map((address) => `RCPT TO:<${address}>`), 'DATA'];
  socket.write(commands.map((command) => `${command}\r\n`).join(''), 'latin1');
  await expect(1 + recipients.length, '2');
  await expect(1, '3');
  socket.write(`${message.replaceAll('\n', '\r\n')}.\r\nQUIT\r\n`, 'latin1');
  await expect(2, '2');
  socket.end();
  await closed;
}
