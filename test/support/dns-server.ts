/** Name servers on a loopback port: one that answers as a test says, and dnsmasq. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after } from 'node:test';
import { findProgram } from './foreign.ts';
import { temporaryDirectory } from './home.ts';
import { unusedPort } from './unused-port.ts';

/** The datagrams, or the messages over TCP, that answer a query. */
type Reply = (query: Uint8Array, index: number) => readonly Uint8Array[];

export interface ScriptedServer {
  readonly port: number;
  /** Queries so far, and the ports from which they came. */
  readonly queries: Uint8Array[];
  readonly ports: Set<number>;
  /** Connections over TCP so far. */
  connections(): number;
}

const closers: (() => void)[] = [];

after(() => {
  for (const close of closers) close();
});

export async function scriptedServer(datagrams: Reply, overTcp?: Reply): Promise<ScriptedServer> {
  const tcp = createServer();
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket('udp4');
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  closers.push(() => {
    tcp.close();
    udp.close();
  });
  const queries: Uint8Array[] = [];
  const ports = new Set<number>();
  udp.on('message', (query, peer) => {
    ports.add(peer.port);
    for (const reply of datagrams(query, queries.push(query) - 1)) udp.send(reply, peer.port, peer.address);
  });
  let connections = 0;
  tcp.on('connection', (socket) => {
    connections += 1;
    socket.on('error', () => socket.destroy());
    socket.once('data', (bytes: Buffer) => {
      // Each octet in a write of its own: answers over TCP come in pieces.
      for (const reply of overTcp?.(bytes.subarray(2), connections - 1) ?? [])
        for (const byte of [reply.length >> 8, reply.length & 0xff, ...reply])
          socket.write(Uint8Array.of(byte));
      socket.end();
    });
  });
  return { port, queries, ports, connections: () => connections };
}

/** Answers the port of a dnsmasq that has these options besides, once it answers. */
export async function startDnsmasq(options: readonly string[], address = '127.0.0.1'): Promise<number> {
  const port = await unusedPort();
  const directory = temporaryDirectory();
  const fixed = ['--no-daemon', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--bind-interfaces'];
  const own = [`--pid-file=${directory}/pid`, `--port=${port}`, `--listen-address=${address}`];
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  const child = spawn(findProgram('dnsmasq') ?? '', [...fixed, ...own, ...user, ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  closers.push(() => child.kill());
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString('latin1');
      if (said.includes('cleared cache')) resolve();
    });
    child.once('close', () => reject(new Error(`dnsmasq has ended: ${said}`)));
  });
  return port;
}
