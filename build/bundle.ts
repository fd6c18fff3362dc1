/** Bundles: one CommonJS file from one entry point, and the list of files that went into it. */

import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, formatMessages, type Plugin } from 'esbuild';

/** The top of the tree. */
export const top: string = fileURLToPath(new URL('..', import.meta.url));

export interface Bundle {
  readonly code: string;
  /** Source files in the bundle, relative to the top of the tree. */
  readonly inputs: readonly string[];
}

/** What stands in a bundle for a part of the program that is an asset of its own in the executable. */
function partLoader(name: string): string {
  return `const { getAsset } = require('node:sea');
const { Script } = require('node:vm');
const code = '(function (exports, require, module) {' + getAsset(${JSON.stringify(name)}, 'utf8') + '\\n})';
new Script(code, { filename: ${JSON.stringify(name)} }).runInThisContext()(exports, require, module);
`;
}

/** Leaves files of these names out, where they are imported while the program runs. */
function leaveOut(parts: readonly string[]): Plugin {
  return {
    name: 'leave-out',
    setup(builder) {
      builder.onResolve({ filter: /\.ts$/ }, ({ path, kind }) => {
        const name = basename(path, '.ts');
        return kind === 'dynamic-import' && parts.includes(name)
          ? { path: name, namespace: 'part' }
          : undefined;
      });
      builder.onLoad({ filter: /./, namespace: 'part' }, ({ path }) => ({
        contents: partLoader(path),
        loader: 'js',
      }));
    },
  };
}

/**
 * CommonJS, since ES modules cost 2 to 6 ms at each start. A module that is imported where it is used becomes a function
 * that runs at that moment, so a program pays for itself alone. Inside an executable there is no file that
 * import.meta.url could name: what is found by URL in the sources is an asset there. So are `parts`, by their names: files
 * that are imported while the program runs, and are bundles of their own.
 */
export async function bundle(entry: string, parts: readonly string[] = []): Promise<Bundle> {
  const result = await build({
    absWorkingDir: top,
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node26',
    minify: true,
    legalComments: 'none',
    define: { 'import.meta.url': '"file:///"' },
    metafile: true,
    plugins: [leaveOut(parts)],
    logLevel: 'silent',
  });
  if (result.warnings.length > 0) {
    const texts = await formatMessages(result.warnings, { kind: 'warning' });
    throw new Error(`${entry}: ${texts.join('')}`);
  }
  const code = result.outputFiles[0]?.text;
  if (code === undefined) throw new Error(`esbuild made nothing of ${entry}`);
  return { code, inputs: Object.keys(result.metafile.inputs).sort() };
}
