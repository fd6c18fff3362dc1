/** An SMTP server of a test's own on the loopback, which says what the test wants and remembers what it was told. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';

/** `close`: hang up without a word. `silent`: say nothing. Else what to say, with line ends. */
export type Say = string | { readonly next: 'close' | 'silent'; readonly say?: string };

export interface SmtpServerOptions {
  readonly greeting?: Say;
  /** Keywords in the reply to EHLO. */
  readonly offers?: readonly string[];
  /** What to say to a command, `.` being the end of a message; undefined for what a friendly server says. */
  readonly answer?: (command: string, session: SmtpSession) => Say | undefined;
  /** Key and certificate in PEM, for STARTTLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly implicitTls?: boolean;
  readonly host?: string;
}

export interface SmtpSession {
  /** From 0 on, in the order in which they came. */
  readonly number: number;
  /** All commands, without line ends; a message is `.`. */
  readonly commands: string[];
  readonly messages: string[];
  secure: boolean;
  /** What the client has sent before it hung up. */
  closed: boolean;
}

export interface SmtpServer {
  readonly port: number;
  readonly sessions: readonly SmtpSession[];
  /** Everything it was told over all connections. */
  readonly commands: readonly string[];
  readonly messages: readonly string[];
  /** Says something to everybody who is connected. */
  sayToAll(text: string): void;
  /** Hangs up on everybody. */
  hangUp(): void;
  close(): Promise<void>;
}

const friendly: Readonly<Record<string, string>> = {
  MAIL: '250 2.1.0 Ok\r\n',
  RCPT: '250 2.1.5 Ok\r\n',
  DATA: '354 go ahead\r\n',
  RSET: '250 Ok\r\n',
  '.': '250 2.0.0 Ok\r\n',
  QUIT: '221 Bye\r\n',
  HELO: '250 mx.test\r\n',
  STARTTLS: '220 go\r\n',
};

export async function startSmtpServer(
  context: TestContext,
  options: SmtpServerOptions = {},
): Promise<SmtpServer> {
  const { offers = ['PIPELINING', '8BITMIME', 'SIZE 0'], implicitTls = false, tls } = options;
  const sessions: SmtpSession[] = [];
  const sockets = new Set<Socket>();

  function serve(plain: Socket): void {
    let socket = plain;
    const session: SmtpSession = {
      number: sessions.length,
      commands: [],
      messages: [],
      secure: implicitTls,
      closed: false,
    };
    sessions.push(session);
    let buffer = '';
    let inMessage = false;
    let silent = false;
    sockets.add(socket);

    function say(what: Say): void {
      if (typeof what === 'string') {
        socket.write(what, 'latin1');
        return;
      }
      if (what.say !== undefined) socket.write(what.say, 'latin1');
      if (what.next === 'close') socket.end();
      else silent = true;
    }

    function startTls(): void {
      plain.removeAllListeners('data');
      socket = new TLSSocket(plain, { isServer: true, ...tls });
      session.secure = true;
      listen();
    }

    function command(text: string): void {
      session.commands.push(text);
      const verb = (text.split(' ')[0] ?? '').toUpperCase();
      const ehlo = ['250-mx.test', ...offers.map((offer) => `250-${offer}`), '250 HELP'].join('\r\n');
      const said =
        options.answer?.(text, session) ??
        (verb === 'EHLO' ? `${ehlo}\r\n` : (friendly[verb] ?? '500 what\r\n'));
      if (typeof said === 'string' && verb === 'DATA' && said.startsWith('354')) inMessage = true;
      say(said);
      if (typeof said === 'string' && verb === 'STARTTLS' && said.startsWith('220')) startTls();
      if (verb === 'QUIT') socket.end();
    }

    function take(): void {
      while (!silent) {
        const end = buffer.indexOf(inMessage ? '\r\n.\r\n' : '\r\n');
        const isEmpty = inMessage && buffer.startsWith('.\r\n');
        if (end < 0 && !isEmpty) return;
        const text = isEmpty ? '' : buffer.slice(0, end);
        buffer = isEmpty ? buffer.slice(3) : buffer.slice(end + (inMessage ? 5 : 2));
        if (inMessage) {
          inMessage = false;
          session.messages.push(isEmpty ? '' : `${text}\r\n`);
          command('.');
        } else command(text);
      }
    }

    function listen(): void {
      socket.on('data', (bytes: Buffer) => {
        buffer += bytes.toString('latin1');
        take();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        session.closed = true;
        sockets.delete(plain);
      });
    }
    listen();
    say(options.greeting ?? '220 mx.test ESMTP\r\n');
  }

  const server: Server = implicitTls && tls !== undefined ? createTlsServer(tls, serve) : createServer(serve);
  server.listen(0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const started: SmtpServer = {
    port: address.port,
    sessions,
    get commands() {
      return sessions.flatMap(({ commands }) => commands);
    },
    get messages() {
      return sessions.flatMap(({ messages }) => messages);
    },
    sayToAll(text) {
      for (const socket of sockets) socket.write(text);
    },
    hangUp() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
  context.after(() => started.close());
  return started;
}
