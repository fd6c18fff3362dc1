/** A host that answers what a test says, call by call, for what a real kernel does only now and then. */
import { constants } from 'node:os';
import type { Host } from '../../src/tiny/index.ts';

export interface FakeHost {
  readonly host: Host;
  /** What was called, with what, so far. */
  readonly called: readonly (readonly [name: string, ...values: readonly unknown[]])[];
}

export const errno: Readonly<Record<string, number>> = constants.errno;

/** `answers`: for each call by its name, in order, the last one again and again. A function makes its answer itself. */
export function fakeHost(answers: Readonly<Record<string, readonly unknown[]>>): FakeHost {
  const called: [string, ...unknown[]][] = [];
  const left = new Map(Object.entries(answers).map(([name, list]) => [name, [...list]]));
  // The last one stays: of two names of a number, that which comes first in the alphabet, as EAGAIN.
  const names = new Map(
    Object.entries(errno)
      .map(([name, number]): [number, string] => [number, name])
      .reverse(),
  );
  const fixed: Readonly<Record<string, unknown>> = {
    pid: 42,
    uid: 1000,
    arguments: answers['arguments'] ?? [],
    errorName: (number: number) => names.get(number) ?? '',
    errorText: (number: number) => `Text of ${number}`,
  };
  const host = new Proxy(fixed, {
    get(target, name: string) {
      if (name in target) return target[name];
      return (...values: readonly unknown[]) => {
        called.push([name, ...values]);
        const list = left.get(name) ?? [];
        const answer = list.length > 1 ? list.shift() : list[0];
        return typeof answer === 'function' ? answer(...values) : answer;
      };
    },
  });
  return { host: host as unknown as Host, called };
}

const waitNumbers = 3;

/** An answer of `pollAll` that says that these descriptors are ready. */
export function pollsReady(...descriptors: readonly number[]): (table: Int32Array) => number {
  return (table) => {
    let ready = 0;
    for (let at = 0; at < table.length; at += waitNumbers) {
      if (!descriptors.includes(table[at] ?? -1)) continue;
      table[at + 2] = 1;
      ready += 1;
    }
    return ready;
  };
}
