/**
 * Makes the executables and the manual pages in dist/. `npm run build` makes them for this machine,
 * `npm run build -- --target linux-arm64` for another (in dist/linux-arm64/). What is still good is left alone.
 */
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import minimist from 'minimist';
import { hubPrograms } from '../src/programs/hub-table.ts';
import { bundle, top } from './bundle.ts';
import { type ExecutableParts, makeExecutable, recipe } from './executable.ts';
import { writeManualPages } from './manual-pages.ts';
import { type NodeBody, nodeBody } from './node-body.ts';
import { findTarget, isHere, type Target } from './targets.ts';
import { removeOthers, writeIfChanged } from './write-if-changed.ts';

interface Product {
  readonly name: string;
  readonly entry: string;
  /** Which files hold the entry points of its worker threads. */
  readonly workers: readonly string[];
  /** Files that are imported while the program runs, and are read only then. */
  readonly parts: readonly string[];
}

const satelliteWorkers = ['src/system/node/identity-worker.ts'];

const products: readonly Product[] = [
  {
    name: 'mini-qmail',
    entry: 'src/main.ts',
    workers: globSync('src/**/*-worker.ts', { cwd: top }).sort(),
    parts: ['src/authenticate/mailauth.ts'],
  },
  {
    name: 'mini-qmail-satellite',
    entry: 'src/main-satellite.ts',
    workers: satelliteWorkers,
    parts: [
      'src/programs/seldom-programs.ts',
      'src/programs/smaller-programs.ts',
      'src/programs/larger-programs.ts',
    ],
  },
];

const bytesPerMegabyte = 1e6;

function say(text: string): void {
  console.log(`build: ${text}`);
}

/** The bundles of a product's worker threads and parts, named after their files. */
async function bundleAssets(entries: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const bundles: Record<string, string> = {};
  for (const entry of entries) bundles[basename(entry, '.ts')] = (await bundle(entry)).code;
  return bundles;
}

/** Changes when anything changes that an executable is made of. */
function fingerprint(parts: ExecutableParts): string {
  const { code, assets, body, codeCache } = parts;
  const described = JSON.stringify({ code, assets, body: basename(body.path), codeCache, recipe });
  return createHash('sha256').update(described).digest('hex');
}

async function make(product: Product, target: Target, body: NodeBody, directory: string): Promise<void> {
  const started = performance.now();
  const partNames = product.parts.map((part) => basename(part, '.ts'));
  const { code } = await bundle(product.entry, partNames);
  const assets = await bundleAssets([...product.workers, ...product.parts]);
  writeIfChanged(join(directory, `${product.name}.cjs`), code);
  const parts: ExecutableParts = { code, assets, body, codeCache: isHere(target) };
  const output = join(directory, product.name);
  const seal = join(directory, `.${product.name}.made-of`);
  const wanted = fingerprint(parts);
  if (existsSync(output) && existsSync(seal) && readFileSync(seal, 'utf8') === wanted) {
    say(`${output} is up to date`);
    return;
  }
  rmSync(seal, { force: true });
  await makeExecutable(parts, output);
  writeFileSync(seal, wanted);
  const megabytes = (statSync(output).size / bytesPerMegabyte).toFixed(1);
  const kilobytes = (code.length / 1000).toFixed(0);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say(`${output}: ${megabytes} MB, of which ${kilobytes} kB are the program (${seconds} s)`);
}

/** The packages that files of a bundle come from: `minimist`, `@scope/name`. */
function packagesOf(inputs: readonly string[]): readonly string[] {
  const found = inputs.flatMap((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []);
  return [...new Set(found)];
}

/** Whoever passes an executable on passes on the terms of what is in it. */
async function copyLicenses(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const entries = new Set(products.flatMap(({ entry, workers, parts }) => [entry, ...workers, ...parts]));
  const bundles = await Promise.all([...entries].map((entry) => bundle(entry)));
  const packages = packagesOf(bundles.flatMap(({ inputs }) => inputs));
  const node = findTarget(undefined).nodePackage;
  const names: string[] = [];
  const copy = (from: string, name: string) => {
    names.push(name);
    writeIfChanged(join(directory, name), readFileSync(from));
  };
  copy(join(top, 'LICENSE'), 'mini-qmail');
  copy(join(top, 'node_modules', node, 'LICENSE'), 'node');
  for (const name of new Set(packages)) {
    const from = join(top, 'node_modules', name);
    const license = ['LICENSE', 'LICENSE.txt', 'LICENSE.md', 'LICENSE-MIT.txt'].find((file) =>
      existsSync(join(from, file)),
    );
    if (license === undefined) throw new Error(`${name} has no license beside it`);
    copy(join(from, license), name.replace('@', '').replace('/', '-'));
  }
  removeOthers(directory, names);
}

const options = minimist(process.argv.slice(2), { string: ['target', '_'] });
const target = findTarget(options['target']);
const directory = isHere(target) ? join(top, 'dist') : join(top, 'dist', target.name);
mkdirSync(directory, { recursive: true });
say(`Node ${process.versions.node} for ${target.name}`);
const body = nodeBody(target);
await Promise.all(products.map((product) => make(product, target, body, directory)));
const manualDirectory = join(directory, 'man');
const pages = await writeManualPages(hubPrograms, manualDirectory);
removeOthers(manualDirectory, pages);
await copyLicenses(join(directory, 'licenses'));
say(`${pages.length} manual pages in ${manualDirectory}`);
