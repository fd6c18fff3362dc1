/** The least that a client in C costs, with the C library beside it and with a small one in it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { isInstalled } from './cost.ts';

const source = new URL('./minimal-client.c', import.meta.url).pathname;

const kinds = [
  { name: 'C, dynamic', words: ['cc', '-O2'] },
  { name: 'C, static', words: ['musl-gcc', '-O2', '-static'] },
];

export interface MinimalClient {
  readonly name: string;
  readonly program: string;
}

/** Those for which there is a compiler. */
export function minimalClients(directory: string): readonly MinimalClient[] {
  return kinds
    .filter(({ words: [compiler = ''] }) => isInstalled(compiler))
    .map(({ name, words: [compiler = '', ...flags] }) => {
      const program = join(directory, `client-${flags.length}`);
      const { status, stderr } = spawnSync(compiler, [...flags, source, '-s', '-o', program]);
      if (status !== 0) throw new Error(`${compiler}: ${stderr}`);
      return { name, program };
    });
}
