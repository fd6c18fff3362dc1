/** Bundles: one CommonJS file from one entry point, and the list of files that went into it. */
import { fileURLToPath } from 'node:url';
import { build, formatMessages } from 'esbuild';

/** The top of the tree. */
export const top: string = fileURLToPath(new URL('..', import.meta.url));

export interface Bundle {
  readonly code: string;
  /** Source files in the bundle, relative to the top of the tree. */
  readonly inputs: readonly string[];
}

/**
 * CommonJS, since ES modules cost 2 to 6 ms at each start. A module that is imported where it is used becomes a function
 * that runs at that moment, so a program pays for itself alone. Inside an executable there is no file that
 * import.meta.url could name: what is found by URL in the sources is an asset there.
 */
export async function bundle(entry: string): Promise<Bundle> {
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
