/** What fuzz-programs.c runs again and again: a program of the native satellite, to its end. */
import { dispatch } from '../../../src/programs/dispatch.ts';
import { tinyPrograms } from '../../../src/programs/tiny-table.ts';
import { resolveName } from '../../../src/resolver/index.ts';
import { boxQueue } from '../../../src/satellite/index.ts';
import type { System } from '../../../src/system/index.ts';
import { type Host, tinySystem } from '../../../src/tiny/index.ts';

declare const host: Host;

const calls: readonly (readonly string[])[] = [
  ['sendmail', '-t', '-i'],
  ['sendmail', 'you@hub.example'],
  ['qmail-inject', '-n'],
  ['qmail-inject'],
  ['qmail-queue'],
  ['qmail-flush'],
  ['qmail-flush', '--check'],
  ['mailq'],
  ['forward', 'you@hub.example'],
  ['qmail-showctl'],
  ['maildirmake', 'box'],
  ['maildirwatch'],
  ['maildir2mbox'],
  ['mailsubj', 'subject', 'you@hub.example'],
  ['datemail', 'you@hub.example'],
];

const world: { ended?: boolean } & typeof globalThis = globalThis;

/** `word` is one more argument, unless it is empty. */
function runProgram(which: number, word: string): void {
  const [name = '', ...args] = calls[which % calls.length] ?? [];
  const words = word === '' ? args : [...args, word];
  const system: System = tinySystem(host, words, (asked) => resolveName(system, asked));
  world.ended = false;
  dispatch(tinyPrograms, { name, args: words }, system, { queue: boxQueue }).then(
    (code) => {
      world.ended = Number.isInteger(code) && code >= 0 && code <= 255;
    },
    () => {},
  );
}

Object.assign(world, { runProgram });
