/**
 * The native satellite's modules: what runs first, and parts that are read when they are called for. Each is small, since
 * what one run does not need, it does not read: esbuild puts what several of them share into modules of its own.
 */
import { basename } from 'node:path';
import { build, formatMessages, type Metafile } from 'esbuild';
import { top } from './bundle.ts';

/** What the smallest engine knows of the language; esbuild writes what is younger in its terms. */
export const tinySyntax = 'es2020';

export interface TinyModule {
  /** By which others import it. */
  readonly name: string;
  readonly code: string;
}

export interface TinyProgram {
  /** The first one is run. */
  readonly modules: readonly TinyModule[];
  /** Source files in them, relative to the top of the tree. */
  readonly inputs: readonly string[];
}

/** The files of which anything is left in what was made. */
function inputsOf({ outputs }: Metafile): readonly string[] {
  const all = Object.values(outputs).flatMap(({ inputs }) =>
    Object.keys(inputs).filter((input) => (inputs[input]?.bytesInOutput ?? 0) > 0),
  );
  return [...new Set(all)].sort();
}

/**
 * The host runs a part by its name, in place of import(), for which the engine would need the names of files in the
 * bytecode. esbuild writes import() in this way only.
 */
function callHost(code: string): string {
  return code.replace(/\bimport\("\.\/([^"]+)"\)/g, 'Promise.resolve(host.load("$1"))');
}

/** What a part exports it puts where the host finds it. esbuild exports in one list, at the end. */
function tellHost(name: string, code: string): string {
  const exported = /export\{([^{}]*)\};?\s*$/.exec(code)?.[1];
  if (exported === undefined) throw new Error(`the part ${name} exports nothing`);
  const entries = exported.split(',').map((each) => {
    const [own = '', as = own] = each.trim().split(' as ');
    return `${as}:${own}`;
  });
  return `${code}\nhost.parts[${JSON.stringify(name)}]={${entries.join(',')}};\n`;
}

export async function bundleTiny(entry: string): Promise<TinyProgram> {
  const result = await build({
    absWorkingDir: top,
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    outdir: 'dist/tiny/modules',
    entryNames: 'first',
    chunkNames: '[hash]',
    write: false,
    platform: 'neutral',
    mainFields: ['main'],
    format: 'esm',
    target: tinySyntax,
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
  });
  if (result.warnings.length > 0) {
    const texts = await formatMessages(result.warnings, { kind: 'warning' });
    throw new Error(`${entry}: ${texts.join('')}`);
  }
  const parts = new Set(
    Object.values(result.metafile.outputs).flatMap(({ imports }) =>
      imports.filter(({ kind }) => kind === 'dynamic-import').map(({ path }) => basename(path)),
    ),
  );
  const modules = result.outputFiles.map(({ path, text }): TinyModule => {
    const name = basename(path);
    const code = callHost(text);
    return { name, code: parts.has(name) ? tellHost(name, code) : code };
  });
  const isFirst = ({ name }: TinyModule) => name === 'first.js';
  return {
    modules: [...modules.filter(isFirst), ...modules.filter((module) => !isFirst(module))],
    inputs: inputsOf(result.metafile),
  };
}
