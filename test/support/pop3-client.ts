/** A client of POP3 that says what a test wants, and reads answers one by one. */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';

export interface Pop3Client {
  readonly stream: Duplex;
  /** Sends a line. */
  say(line: string): void;
  /** The next line without its end; undefined when there are no more. */
  line(): Promise<string | undefined>;
  /** Sends a line and reads the one that answers it. */
  ask(line: string): Promise<string | undefined>;
  /** Lines up to the one of a single dot. */
  lines(): Promise<readonly string[]>;
  /** Goes on in TLS. */
  startTls(): Promise<Pop3Client>;
  close(): void;
}

export function pop3Client(stream: Duplex): Pop3Client {
  let text = '';
  let ended = false;
  let wake: (() => void) | undefined;
  const look = (piece: Buffer) => {
    text += piece.toString('latin1');
    wake?.();
  };
  const end = () => {
    ended = true;
    wake?.();
  };
  stream.on('data', look).on('error', end).on('end', end).on('close', end);

  async function line(): Promise<string | undefined> {
    for (;;) {
      const at = text.indexOf('\r\n');
      if (at >= 0) {
        const found = text.slice(0, at);
        text = text.slice(at + 2);
        return found;
      }
      if (ended) return text === '' ? undefined : `${text} (cut)`;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  const say = (words: string) => {
    stream.write(`${words}\r\n`, 'latin1');
  };
  return {
    stream,
    say,
    line,
    ask(words) {
      say(words);
      return line();
    },
    async lines() {
      const found: string[] = [];
      for (let one = await line(); one !== undefined && one !== '.'; one = await line()) found.push(one);
      return found;
    },
    async startTls() {
      stream.off('data', look).off('error', end).off('end', end).off('close', end);
      const inside = connectTls({ socket: stream, rejectUnauthorized: false });
      await once(inside, 'secureConnect');
      return pop3Client(inside);
    },
    close: () => stream.destroy(),
  };
}

export async function connectPop3(
  port: number,
  how: 'plain' | 'tls' = 'plain',
  host = '127.0.0.1',
): Promise<Pop3Client> {
  const socket: Socket =
    how === 'tls' ? connectTls({ port, host, rejectUnauthorized: false }) : connect({ port, host });
  await once(socket, how === 'tls' ? 'secureConnect' : 'connect');
  return pop3Client(socket);
}
