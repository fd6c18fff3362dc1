/** A DNS server of a test's own (RFC 1035), over UDP and TCP, that knows what the test tells it. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';

export type DnsRecord =
  | { readonly type: 'A'; readonly address: string }
  | { readonly type: 'MX'; readonly priority: number; readonly exchange: string }
  | { readonly type: 'TXT'; readonly strings: readonly string[] }
  | { readonly type: 'CNAME'; readonly target: string };

/** By name. `servfail`, `refused`: no answer of use. `silent`: none at all. A name that is not there does not exist. */
export type DnsZone = Readonly<Record<string, readonly DnsRecord[] | 'servfail' | 'refused' | 'silent'>>;

export interface DnsServer {
  /** ADDRESS:PORT. */
  readonly address: string;
  /** Names with types that were asked for, over which protocol. */
  readonly asked: readonly string[];
}

const types = { A: 1, CNAME: 5, MX: 15, TXT: 16, AAAA: 28 } as const;
const codes = { servfail: 2, noSuchName: 3, refused: 5 } as const;

/** What a resolver without extensions takes over UDP. */
const udpBytesMax = 512;

function encodeName(name: string): Buffer {
  const labels = name === '' ? [] : name.split('.');
  const parts = labels.map((label) =>
    Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')]),
  );
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function readName(message: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

function encodeData(record: DnsRecord): Buffer {
  switch (record.type) {
    case 'A':
      return Buffer.from(record.address.split('.').map(Number));
    case 'TXT':
      return Buffer.concat(
        record.strings.map((text) =>
          Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]),
        ),
      );
    case 'CNAME':
      return encodeName(record.target);
    case 'MX':
      return Buffer.concat([
        Buffer.from([record.priority >> 8, record.priority & 255]),
        encodeName(record.exchange),
      ]);
  }
}

function encodeRecord(owner: string, record: DnsRecord): Buffer {
  const data = encodeData(record);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(types[record.type], 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(60, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(owner), fixed, data]);
}

export async function startDnsServer(context: TestContext, zone: DnsZone): Promise<DnsServer> {
  const asked: string[] = [];

  /** Undefined for a question that gets no answer. */
  function answer(question: Buffer, protocol: 'udp' | 'tcp'): Buffer | undefined {
    const { name, end } = readName(question, 12);
    const type = question.readUInt16BE(end);
    const typeName = Object.entries(types).find(([, number]) => number === type)?.[0] ?? String(type);
    asked.push(`${name} ${typeName} ${protocol}`);
    const records: Buffer[] = [];
    let owner = name;
    let code = 0;
    for (let hops = 0; hops < 10; hops += 1) {
      const found = Object.hasOwn(zone, owner) ? zone[owner] : undefined;
      if (found === 'silent') return undefined;
      if (found === undefined || typeof found === 'string') {
        code = found === undefined ? codes.noSuchName : codes[found];
        break;
      }
      for (const record of found) if (types[record.type] === type) records.push(encodeRecord(owner, record));
      const alias = found.find((record) => record.type === 'CNAME');
      if (alias === undefined || type === types.CNAME) break;
      records.push(encodeRecord(owner, alias));
      owner = alias.target;
    }
    const body = Buffer.concat([question.subarray(12, end + 4), ...records]);
    const truncated = protocol === 'udp' && body.length + 12 > udpBytesMax;
    const head = Buffer.alloc(12);
    question.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8180 | (truncated ? 0x0200 : 0) | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(truncated ? 0 : records.length, 6);
    return Buffer.concat([head, truncated ? question.subarray(12, end + 4) : body]);
  }

  const tcp = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      const said = answer(bytes.subarray(2), 'tcp');
      if (said === undefined) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(said.length);
      socket.end(Buffer.concat([length, said]));
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const address = tcp.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const udp = createSocket('udp4');
  udp.on('message', (question, from) => {
    const said = answer(question, 'udp');
    if (said !== undefined) udp.send(said, from.port, from.address);
  });
  udp.bind(address.port, '127.0.0.1');
  await once(udp, 'listening');
  context.after(() => {
    tcp.close();
    udp.close();
  });
  return { address: `127.0.0.1:${address.port}`, asked };
}
