/**
 * Runs on the host in C and does what a test asks for: a line of JSON on descriptor 3 names a call of the system contract,
 * and a line on descriptor 4 says what it answered. Bytes stand there as {"bytes": byte string}.
 */

import { resolveName } from '../../src/resolver/index.ts';
import {
  asciiJson,
  bytesOf,
  type DatagramSocket,
  errorCode,
  errorText,
  type ProgramPeer,
  type Stream,
  type System,
  textOf,
} from '../../src/system/index.ts';
import { type Host, tinySystem } from '../../src/tiny/index.ts';

declare const host: Host;

const system: System = tinySystem(host, host.arguments.slice(1), (name) => resolveName(system, name));
const { files, network } = system;
const streams: Stream[] = [];
const datagrams: DatagramSocket[] = [];

function keep<Item>(list: Item[], item: Item): number {
  return list.push(item) - 1;
}

function at<Item>(list: readonly Item[], index: number): Item {
  const item = list[index];
  if (item === undefined) throw new Error(`there is no ${index}`);
  return item;
}

function shown(bytes: Uint8Array | undefined): { readonly bytes: string } | undefined {
  return bytes && { bytes: textOf(bytes) };
}

function visited(directory: string): readonly string[] {
  const names: string[] = [];
  files.visit(directory, (name) => {
    names.push(name);
  });
  return names;
}

/** Reads into an array of that size and answers what is in it. */
function filled(sizeBytes: number, read: (into: Uint8Array) => number) {
  const into = new Uint8Array(sizeBytes);
  return shown(into.subarray(0, read(into)));
}

// The other end wrote the arguments by the same names; there is nothing here that would know their types.
type Call = (...values: never[]) => unknown;

const calls: Readonly<Record<string, Call>> = {
  ...files,
  read: (descriptor: number, sizeBytes: number) => filled(sizeBytes, (into) => files.read(descriptor, into)),
  readAt: (descriptor: number, sizeBytes: number, offset: number) =>
    filled(sizeBytes, (into) => files.readAt(descriptor, into, offset)),
  write: (descriptor: number, text: string) => files.write(descriptor, bytesOf(text)),
  writeAt: (descriptor: number, text: string, offset: number) =>
    files.writeAt(descriptor, bytesOf(text), offset),
  visit: visited,
  resolve: network.resolve,
  connect: async (address: string, port: number, timeoutMs: number) =>
    keep(streams, await network.connect(address, port, timeoutMs)),
  connectLocal: async (path: string, timeoutMs: number) =>
    keep(streams, await network.connectLocal(path, timeoutMs)),
  listenLocal: network.listenLocal,
  streamRead: async (stream: number, timeoutMs: number) => shown(await at(streams, stream).read(timeoutMs)),
  streamWrite: (stream: number, text: string, timeoutMs: number) =>
    at(streams, stream).write(bytesOf(text), timeoutMs),
  streamClose: (stream: number) => at(streams, stream).close(),
  connectDatagram: async (address: string, port: number) =>
    keep(datagrams, await network.connectDatagram(address, port)),
  connectProgram: async (peer: ProgramPeer) => keep(streams, await network.connectProgram(peer)),
  send: (socket: number, text: string) => at(datagrams, socket).send(bytesOf(text)),
  receive: async (socket: number, timeoutMs: number) => shown(await at(datagrams, socket).receive(timeoutMs)),
  datagramsClose: (socket: number) => at(datagrams, socket).close(),
  args: () => system.args,
  pid: () => system.pid,
  uid: () => system.uid,
  env: system.env,
  now: system.now,
  monotonic: system.monotonic,
  pause: system.pause,
  random: (sizeBytes: number) => shown(system.random(sizeBytes)),
  run: system.run,
  /** A call of the host itself, past the binding. */
  host: (name: keyof Host, ...values: readonly never[]) => (host[name] as Call)(...(values as never[])),
};

async function answer(line: string): Promise<object> {
  try {
    const [name, ...values]: [string, ...never[]] = JSON.parse(line);
    const call = calls[name];
    if (call === undefined) throw new Error(`there is no call ${name}`);
    return { value: await call(...values) };
  } catch (error) {
    return { code: errorCode(error), message: errorText(error) };
  }
}

function* lines(): Generator<string> {
  const buffer = new Uint8Array(4096);
  let text = '';
  for (let count = files.read(3, buffer); count > 0; count = files.read(3, buffer)) {
    const [first = '', ...more] = (text + textOf(buffer, 0, count)).split('\n');
    text = first;
    for (const rest of more) {
      yield text;
      text = rest;
    }
  }
}

async function serve(): Promise<void> {
  for (const line of lines()) files.write(4, bytesOf(`${asciiJson(await answer(line))}\n`));
  host.exit(0);
}

serve();
