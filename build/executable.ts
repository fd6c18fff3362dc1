/**
 * A single executable: a stripped Node with a bundle, and the bundles of its worker threads, inside (Node's
 * documentation, "Single executable applications"). Node's own options are closed from outside: the environment
 * cannot add any, and arguments are the program's alone.
 */
import { execFile } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { NodeBody } from './node-body.ts';

const run = promisify(execFile);

/** How postject finds the place in Node's executable that says whether a bundle is inside. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const resource = 'NODE_SEA_BLOB';

/**
 * No configuration of OpenSSL, which could load a library; no helper threads for a program that lasts milliseconds;
 * no debugger on SIGUSR1; no add-ons; no signal handler for WebAssembly; no race between address families, since
 * hubs are tried in the order that the operator wrote; no heap that grows by tens of megabytes under load, since what
 * is of no use after a moment is mail on its way through, and to look for it more often costs nothing that can be
 * measured.
 */
const execArgv = [
  '--openssl-config=/dev/null',
  '--v8-pool-size=0',
  '--disable-sigusr1',
  '--no-addons',
  '--disable-wasm-trap-handler',
  '--no-network-family-autoselection',
  '--max-semi-space-size=2',
];

export interface ExecutableParts {
  readonly code: string;
  /** Bundles of worker threads and of parts of the program, by the name under which they are asked for. */
  readonly assets: Readonly<Record<string, string>>;
  readonly body: NodeBody;
  /** V8's code cache fits only the machine on which it was made. */
  readonly codeCache: boolean;
}

/** What decides how an executable comes out, apart from its parts: for telling whether one is still good. */
export const recipe: string = JSON.stringify({ fuse, resource, execArgv });

function writeOut(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

export async function makeExecutable(parts: ExecutableParts, output: string): Promise<void> {
  if (`v${parts.body.version}` !== process.version) {
    throw new Error(
      `Node ${process.version} cannot make a blob for Node v${parts.body.version}: use scripts/node`,
    );
  }
  const directory = mkdtempSync(join(dirname(output), `.${basename(output)}-`));
  try {
    const main = join(directory, 'main.cjs');
    writeFileSync(main, parts.code);
    const assets = Object.entries(parts.assets).map(([name, code]): [string, string] => {
      const path = join(directory, `${name}.cjs`);
      writeFileSync(path, code);
      return [name, path];
    });
    const blob = join(directory, 'blob');
    const config = join(directory, 'config.json');
    writeFileSync(
      config,
      JSON.stringify({
        main,
        output: blob,
        assets: Object.fromEntries(assets),
        disableExperimentalSEAWarning: true,
        useCodeCache: parts.codeCache,
        useSnapshot: false,
        execArgv,
        execArgvExtension: 'none',
      }),
    );
    await run(process.execPath, ['--experimental-sea-config', config]);
    const fresh = join(directory, 'executable');
    writeFileSync(fresh, readFileSync(parts.body.path), { mode: 0o755 });
    const postject = createRequire(import.meta.url).resolve('postject/dist/cli.js');
    await run(process.execPath, [postject, fresh, resource, blob, '--sentinel-fuse', fuse]);
    // Pages that wait for the disk would count as private memory of whoever runs the file.
    writeOut(fresh);
    renameSync(fresh, output);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
