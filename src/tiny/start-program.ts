/** Starts programs, each with its descriptors and an environment. A path is what it is: $PATH is not read. */
import type { ByteString, DescriptorMap, ProgramPeer } from '../system/index.ts';
import { checked } from './checked.ts';
import type { Host } from './host.ts';

const nowhere = -1;

const standardDescriptors = 3;

function environmentOf(host: Host, set: Readonly<Record<string, ByteString>>): readonly ByteString[] {
  const names = Object.keys(set);
  const kept = host
    .environment()
    .filter((variable) => !names.some((name) => variable.startsWith(`${name}=`)));
  return [...kept, ...names.map((name) => `${name}=${set[name]}`)];
}

/** The number of its process. With `leads`, it leads a process group. */
export function startProgram(
  host: Host,
  { program, args, env = {} }: ProgramPeer,
  map: DescriptorMap,
  leads: boolean,
): number {
  const highest = Math.max(standardDescriptors - 1, ...Object.keys(map).map(Number));
  const descriptors = Array.from({ length: highest + 1 }, (_, index) => map[index] ?? nowhere);
  return checked(
    host,
    host.start([program, ...args], environmentOf(host, env), descriptors, leads),
    'spawn',
    program,
  );
}
