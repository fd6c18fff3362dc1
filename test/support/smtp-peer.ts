/** An SMTP client that a test scripts: it sends what it is told, and waits for replies. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';

export interface SmtpPeer {
  /** Sends bytes as they are. */
  send(text: string): void;
  /** The next reply: all of its lines, in Latin-1 and without its last line end. */
  reply(): Promise<string>;
  /** Sends a line and waits for one reply. */
  ask(line: string): Promise<string>;
  /** Goes on in TLS. */
  secure(): Promise<void>;
  /** Ends our half. */
  end(): void;
  destroy(): void;
  /** Resolves with what was not read yet when the connection is gone. */
  readonly closed: Promise<string>;
}

/** What of a text is its first whole reply. */
const first = /^(?:\d{3}-[^\n]*\n)*\d{3} [^\n]*\n/;

export function smtpPeerOn(outer: Duplex): SmtpPeer {
  let stream = outer;
  let text = '';
  let gone = false;
  let wake = () => {};
  const { promise: closed, resolve } = Promise.withResolvers<string>();

  function onData(chunk: Buffer): void {
    text += chunk.toString('latin1');
    wake();
  }
  function onClose(): void {
    gone = true;
    wake();
    resolve(text);
  }
  function attach(): void {
    stream.on('data', onData);
    stream.on('error', () => {});
    stream.on('close', onClose);
  }
  attach();

  const peer: SmtpPeer = {
    send: (bytes) => stream.write(bytes, 'latin1'),
    async reply() {
      for (;;) {
        const [found] = first.exec(text) ?? [];
        if (found !== undefined) {
          text = text.slice(found.length);
          return found.trimEnd();
        }
        if (gone) throw new Error(`the server went away; it said ${JSON.stringify(text)}`);
        await new Promise<void>((again) => {
          wake = again;
        });
      }
    },
    ask(line) {
      peer.send(`${line}\r\n`);
      return peer.reply();
    },
    async secure() {
      stream.off('data', onData);
      stream.off('close', onClose);
      const inner = connectTls({ socket: stream, rejectUnauthorized: false });
      stream = inner;
      attach();
      await once(inner, 'secureConnect');
    },
    end: () => stream.end(),
    destroy: () => stream.destroy(),
    closed,
  };
  return peer;
}

/** `localAddress`: whom the server is to think that it is. */
export function smtpPeer(port: number, host = '127.0.0.1', localAddress?: string): SmtpPeer {
  return smtpPeerOn(connect({ port, host, ...(localAddress !== undefined && { localAddress }) }));
}

/** In TLS from the first byte on. */
export function smtpsPeer(port: number, host = '127.0.0.1'): SmtpPeer {
  return smtpPeerOn(connectTls({ port, host, rejectUnauthorized: false }));
}
