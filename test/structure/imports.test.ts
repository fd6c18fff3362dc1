/** Imports run one way, and through doors. */
import { deepStrictEqual } from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { files, parseFiles } from '../support/sources.ts';
import { doorsOf, roomOf, rooms } from './rooms.ts';

const sources = files('src/**/*.ts', 'qmqp/**/*.ts');
const syntax = parseFiles(sources);

/** The one file that may use a package. */
const packages: Readonly<Record<string, string>> = {
  minimist: 'src/manual/parse.ts',
  '@peculiar/x509': 'src/system/node/identity-worker.ts',
  'mailauth/lib/dkim/sign.js': 'src/authenticate/mailauth.ts',
  'mailauth/lib/dkim/verify.js': 'src/authenticate/mailauth.ts',
  'mailauth/lib/dmarc/index.js': 'src/authenticate/mailauth.ts',
  'mailauth/lib/spf/index.js': 'src/authenticate/mailauth.ts',
  'mailauth/lib/tools.js': 'src/authenticate/mailauth.ts',
  'reflect-metadata': 'src/system/node/identity-worker.ts',
};

/** What is wrong with an import, if anything. */
function problem(file: string, specifier: string): string | undefined {
  const room = roomOf(file);
  if (room === undefined) return `${file} lies in no room`;
  if (specifier.startsWith('node:')) return undefined;
  if (!specifier.startsWith('.')) {
    return packages[specifier] === file ? undefined : `${file} imports the package ${specifier}`;
  }
  const target = join(dirname(file), specifier);
  const other = roomOf(target);
  if (other === undefined) return `${file} imports ${target}, which lies in no room`;
  if (other === room) return undefined;
  if (!room.knows.includes(other.path))
    return `${file} imports ${target}: ${room.path} may not know ${other.path}`;
  // A binding is written against the contract's own files, not against the door that shows it to others.
  if (room.path.startsWith(`${other.path}/`)) return undefined;
  if (!doorsOf(other).includes(target)) return `${file} imports ${target}, which is no door of ${other.path}`;
  return undefined;
}

function problems(imports: readonly (readonly [file: string, specifier: string])[]): readonly string[] {
  return imports.map(([file, specifier]) => problem(file, specifier)).filter((found) => found !== undefined);
}

test('every import follows the arrows and enters by a door', () => {
  const imports = [...syntax].flatMap(([file, { imports }]) =>
    imports.map((specifier): [string, string] => [file, specifier]),
  );
  deepStrictEqual(problems(imports), []);
});

test('an arrow that runs back, a side entrance and a strange package are found', () => {
  const found = problems([
    ['src/system/bytes.ts', '../mail/index.ts'],
    ['src/send/sender.ts', '../local/index.ts'],
    ['qmqp/client.ts', '../src/control/index.ts'],
    ['src/send/sender.ts', '../queue/writer.ts'],
    ['src/mail/date.ts', 'left-pad'],
    ['src/elsewhere/file.ts', './other.ts'],
  ]);
  deepStrictEqual(found, [
    'src/system/bytes.ts imports src/mail/index.ts: src/system may not know src/mail',
    'src/send/sender.ts imports src/local/index.ts: src/send may not know src/local',
    'qmqp/client.ts imports src/control/index.ts: qmqp may not know src/control',
    'src/send/sender.ts imports src/queue/writer.ts, which is no door of src/queue',
    'src/mail/date.ts imports the package left-pad',
    'src/elsewhere/file.ts lies in no room',
  ]);
});

test('the arrows between rooms make no circle', () => {
  const settled = new Set<string>();
  let waiting = rooms;
  while (waiting.length > 0) {
    const free = waiting.filter((room) => room.knows.every((known) => settled.has(known)));
    if (free.length === 0) break;
    for (const room of free) settled.add(room.path);
    waiting = waiting.filter((room) => !settled.has(room.path));
  }
  deepStrictEqual(
    waiting.map((room) => room.path),
    [],
  );
});
