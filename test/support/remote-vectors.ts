/** What a case of remote.json must lead to by our rules: a server that knows EHLO, and a message that is completed. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { NamedCase, Outcome, Rule } from './vectors.ts';

export interface RemoteCase extends NamedCase {
  readonly argv: readonly string[];
  readonly stdin: string;
  readonly smtproutes?: string;
  /** What the server says, in turn: its greeting, and then one for each command. */
  readonly replies?: readonly string[];
  readonly stdout: string;
  readonly client_sent?: string;
}

export interface ScriptedServer {
  /** Everything that the client has sent. */
  readonly sent: () => string;
  close(): Promise<void>;
}

/** A server that says one thing after the other, whatever it is told; after the last one nothing. */
export async function startScriptedServer(
  replies: readonly string[],
  host: string,
  port: number,
): Promise<ScriptedServer> {
  let sent = '';
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const left = [...replies];
    let unread = '';
    let inMessage = false;
    const say = () => {
      const reply = left.shift();
      if (reply === 'CLOSE') socket.end();
      else if (reply !== undefined) socket.write(reply, 'latin1');
      inMessage = reply?.startsWith('354') ?? false;
    };
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      const text = bytes.toString('latin1');
      sent += text;
      unread += text;
      for (;;) {
        const mark = inMessage ? '\r\n.\r\n' : '\r\n';
        const end = unread.indexOf(mark);
        if (end < 0) return;
        unread = unread.slice(end + mark.length);
        say();
      }
    });
    say();
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    sent: () => sent,
    async close() {
      for (const socket of sockets) socket.end();
      server.close();
      await once(server, 'close');
    },
  };
}

/** How a case's server answers to whoever says EHLO first: as one that knows only HELO, or as one that takes both. */
export function repliesOf({ replies = [], name }: RemoteCase): readonly string[] {
  return name.startsWith('helo')
    ? replies.flatMap((reply, index) => (index === 1 ? [reply, reply] : [reply]))
    : replies;
}

function inEhlo(said: string): string {
  return said.replace('HELO ', 'EHLO ');
}

export const remoteRules: readonly Rule<RemoteCase>[] = [
  {
    reason: 'EHLO comes first, and HELO where that is not known',
    applies: (vector) => vector.client_sent?.startsWith('HELO') ?? false,
    expect: (vector): Outcome => {
      const sent = vector.client_sent ?? '';
      const isRefused = vector.name.startsWith('helo');
      return { client_sent: isRefused ? `EHLO ref.test\r\n${sent}` : inEhlo(sent) };
    },
  },
  {
    reason: 'a partial last line is completed, and the message is sent',
    applies: (vector) => !vector.stdin.endsWith('\n'),
    expect: (vector) => ({
      stdout: 'r\0K127.0.0.33 accepted message.\nRemote host said: 250 ok\n\0',
      client_sent: `${inEhlo(vector.client_sent ?? '')}${vector.stdin.replaceAll('\n', '\r\n')}\r\n.\r\nQUIT\r\n`,
    }),
  },
];
