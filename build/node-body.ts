/** The Node executable in which a bundle rides: from this platform's npm package, or packed from another's. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { top } from './bundle.ts';
import { calmMutexes } from './calm-mutexes.ts';
import { closeVariables } from './close-variables.ts';
import { stripElf } from './strip-elf.ts';
import { isHere, type Target } from './targets.ts';

/** Where what was fetched and stripped is kept: it goes with node_modules. */
const cache = join(top, 'node_modules/.cache/mini-qmail');

interface LockedPackage {
  readonly version: string;
  readonly integrity: string;
}

/** What package-lock.json says of a package. */
export function lockedPackage(lockFile: string, name: string): LockedPackage {
  const lock: { packages?: Record<string, Partial<LockedPackage>> } = JSON.parse(lockFile);
  const { version, integrity } = lock.packages?.[`node_modules/${name}`] ?? {};
  if (!version || !integrity) throw new Error(`package-lock.json does not name ${name}`);
  return { version, integrity };
}

/** Compares a file's digest with an integrity string, `sha512-BASE64` (Subresource Integrity). */
export function hasIntegrity(bytes: Uint8Array, integrity: string): boolean {
  const dash = integrity.indexOf('-');
  return createHash(integrity.slice(0, dash)).update(bytes).digest('base64') === integrity.slice(dash + 1);
}

/** Fetches another platform's package through npm, holds it to the lock file, and returns its Node. */
function packedNode(target: Target, locked: LockedPackage): string {
  const directory = join(cache, `${target.nodePackage}-${locked.version}`);
  const node = join(directory, 'package/bin/node');
  if (existsSync(node)) return node;
  const fresh = `${directory}.${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  try {
    const wanted = `${target.nodePackage}@${locked.version}`;
    const printed = execFileSync('npm', ['pack', '--silent', '--pack-destination', fresh, wanted], {
      encoding: 'utf8',
      cwd: fresh,
    });
    const archive = join(fresh, printed.trim().split('\n').at(-1) ?? '');
    if (!hasIntegrity(readFileSync(archive), locked.integrity)) {
      throw new Error(`${wanted} is not what package-lock.json names`);
    }
    execFileSync('tar', ['-xzf', archive, '-C', fresh, 'package/bin/node']);
    rmSync(archive);
    rmSync(directory, { recursive: true, force: true });
    renameSync(fresh, directory);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return node;
}

export interface NodeBody {
  /** A Node executable, prepared; its name changes with what was done to it. */
  readonly path: string;
  readonly version: string;
}

/** How a Node becomes a body: these files decide, so a body is made anew when one of them changes. */
const recipe = ['elf.ts', 'calm-mutexes.ts', 'strip-elf.ts', 'close-variables.ts'];

function recipeDigest(): string {
  const hash = createHash('sha256');
  for (const name of recipe) hash.update(readFileSync(join(top, 'build', name)));
  return hash.digest('hex').slice(0, 8);
}

function prepare(node: string): Buffer {
  const file = readFileSync(node);
  calmMutexes(file);
  const body = stripElf(file);
  closeVariables(body);
  return body;
}

/** The Node of a target as it rides in executables, made when it is first asked for. */
export function nodeBody(target: Target): NodeBody {
  const locked = lockedPackage(readFileSync(join(top, 'package-lock.json'), 'utf8'), target.nodePackage);
  const path = join(cache, `${target.name}-${locked.version}-${recipeDigest()}`);
  if (!existsSync(path)) {
    const installed = join(top, 'node_modules', target.nodePackage, 'bin/node');
    const whole = isHere(target) && existsSync(installed) ? installed : packedNode(target, locked);
    mkdirSync(cache, { recursive: true });
    for (const old of globSync(`${target.name}-*`, { cwd: cache })) rmSync(join(cache, old));
    const fresh = `${path}.${process.pid}`;
    writeFileSync(fresh, prepare(whole), { mode: 0o755 });
    renameSync(fresh, path);
  }
  return { path, version: locked.version };
}
