/** Homes for programs under test, and a program that stands in for qmail-queue and keeps what reached it. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after } from 'node:test';
import type { ByteString } from '../../src/system/index.ts';

/** What config-fast ref.test writes: the controls under which the vectors were recorded. */
export const referenceControls: Readonly<Record<string, ByteString>> = {
  me: 'ref.test\n',
  defaultdomain: 'ref.test\n',
  plusdomain: 'test\n',
  locals: 'ref.test\n',
  rcpthosts: 'ref.test\n',
};

const made: string[] = [];

after(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** A directory of the test's own, removed when its file ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(`${tmpdir()}/mini-qmail-`);
  made.push(directory);
  return directory;
}

/** A directory for $QMAILHOME with these control files. */
export function temporaryHome(controls: Readonly<Record<string, ByteString>> = referenceControls): string {
  const home = temporaryDirectory();
  mkdirSync(`${home}/control`);
  for (const [name, text] of Object.entries(controls))
    writeFileSync(`${home}/control/${name}`, text, 'latin1');
  return home;
}

export interface Capture {
  /** For $QMAILQUEUE. */
  readonly program: string;
  /** What it read on descriptor 0 and on descriptor 1; null when it was never run. */
  message(): ByteString | null;
  envelope(): ByteString | null;
}

/** A stand-in for qmail-queue that exits with `exit` after it wrote `custom` on descriptor 6. */
export function captureQueue({ exit = 0, custom }: { exit?: number; custom?: ByteString } = {}): Capture {
  const directory = temporaryDirectory();
  const file = (name: string) => `${directory}/${name}`;
  const read = (name: string) => (existsSync(file(name)) ? readFileSync(file(name), 'latin1') : null);
  const say = custom === undefined ? '' : `cat '${file('custom')}' >&6\n`;
  if (custom !== undefined) writeFileSync(file('custom'), custom, 'latin1');
  const script = `#!/bin/sh\ncat >'${file('message')}'\ncat <&1 >'${file('envelope')}'\n${say}exit ${exit}\n`;
  writeFileSync(file('queue'), script, { mode: 0o755 });
  return { program: file('queue'), message: () => read('message'), envelope: () => read('envelope') };
}
