import { strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '../support/home.ts';

/** Reads it twice, and says what it has read. */
const script = `
  import { messageSource } from '${fileURLToPath(new URL('../../src/alias/message-source.ts', import.meta.url))}';
  import { nodeSystem } from '${fileURLToPath(new URL('../../src/system/node/index.ts', import.meta.url))}';
  const system = nodeSystem([]);
  const source = messageSource(system);
  for (const round of [1, 2]) {
    for (const chunk of source.chunks()) system.files.write(1, chunk);
    system.files.write(1, Buffer.from('|'));
  }
  source.close();
`;

function readTwice(stdin: { input: string } | { stdio: [number, 'pipe', 'inherit'] }): string {
  const args = ['--input-type=module', '-e', script];
  return spawnSync(process.execPath, args, { ...stdin, encoding: 'latin1' }).stdout;
}

const message = `Subject: x\n\n${'line\n'.repeat(40_000)}`;

test('a pipe is read once and kept', () => {
  strictEqual(readTwice({ input: message }), `${message}|${message}|`);
  strictEqual(readTwice({ input: '' }), '||');
});

test('a file is read at offsets, wherever its position is', () => {
  const path = `${temporaryDirectory()}/message`;
  writeFileSync(path, message);
  const descriptor = openSync(path, 'r');
  strictEqual(readTwice({ stdio: [descriptor, 'pipe', 'inherit'] }), `${message}|${message}|`);
  strictEqual(readTwice({ stdio: [descriptor, 'pipe', 'inherit'] }), `${message}|${message}|`);
  closeSync(descriptor);
});
