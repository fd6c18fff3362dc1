/**
 * A place where a hub listens, whatever the hub does behind it: it answers, is gone, says Z, closes before its reply has
 * come through, or resets in the middle. The port stays the same when the hub behind it is started again.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after } from 'node:test';

/**
 * What becomes of a connection. `gone`: closed at once. `later`: Z, and the hub sees nothing. `unsaid`: the hub gets all
 * of it, and the reply is lost. `reset`: a reset after some bytes, of the request or behind it.
 */
export type Fate = 'whole' | 'gone' | 'later' | 'unsaid' | 'reset';

export interface UnsteadyHub {
  /** `127.0.0.1:PORT` */
  readonly text: string;
  /** Where the hub is now; 0 when there is none. */
  upstreamPort: number;
  /** How many connections had each fate. */
  readonly fates: Readonly<Record<Fate, number>>;
}

const resetBytesMax = 3000;

export async function unsteadyHub(choose: () => Fate): Promise<UnsteadyHub> {
  const fates = { whole: 0, gone: 0, later: 0, unsaid: 0, reset: 0 };
  const state = { upstreamPort: 0 };

  function pass(client: Socket, fate: Fate): void {
    const hub = connect({ port: state.upstreamPort, host: '127.0.0.1', allowHalfOpen: true });
    let leftBytes = fate === 'reset' ? Math.random() * resetBytesMax : Number.POSITIVE_INFINITY;
    client.on('error', () => hub.destroy());
    hub.on('error', () => client.resetAndDestroy());
    client.on('close', () => {
      if (fate !== 'unsaid') hub.destroy();
    });
    hub.on('close', () => client.destroy());
    client.on('end', () => hub.end());
    hub.on('end', () => client.end());
    client.on('data', (bytes: Buffer) => {
      const part = bytes.subarray(0, Math.max(0, Math.floor(leftBytes)));
      leftBytes -= bytes.length;
      hub.write(part);
      if (leftBytes < 0) client.resetAndDestroy();
    });
    hub.on('data', (bytes: Buffer) => {
      if (fate === 'unsaid') client.destroy();
      else client.write(bytes);
    });
  }

  const server = createServer({ allowHalfOpen: true }, (client) => {
    const fate = choose();
    fates[fate] += 1;
    if (fate === 'gone' || state.upstreamPort === 0) {
      client.on('error', () => undefined);
      client.destroy();
    } else if (fate === 'later') {
      client.on('error', () => undefined);
      client.resume();
      client.end('9:Znot now.,');
    } else {
      pass(client, fate);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => server.close());
  return {
    text: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get upstreamPort() {
      return state.upstreamPort;
    },
    set upstreamPort(port) {
      state.upstreamPort = port;
    },
    fates,
  };
}
