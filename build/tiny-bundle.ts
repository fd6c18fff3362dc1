/** The native satellite's scripts: what runs first, and the part that is read when a seldom program is called. */
import { basename } from 'node:path';
import { build, formatMessages, type Metafile } from 'esbuild';
import { type Bundle, leaveOut, top } from './bundle.ts';

/** What the smallest engine knows of the language; esbuild writes what is younger in its terms. */
export const tinySyntax = 'es2020';

export interface TinyScripts {
  /** By the numbers of host.load; the first one runs at once. */
  readonly scripts: readonly string[];
  /** Source files in them, relative to the top of the tree. */
  readonly inputs: readonly string[];
}

/** The files of which anything is left in what was made. */
function inputsOf({ outputs }: Metafile): readonly string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.keys(inputs).filter((input) => (inputs[input]?.bytesInOutput ?? 0) > 0),
  );
}

async function bundleOne(entry: string, parts: readonly string[]): Promise<Bundle> {
  const loader = (name: string) => `host.load(${1 + parts.indexOf(name)})(exports, module);`;
  const result = await build({
    absWorkingDir: top,
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'neutral',
    mainFields: ['main'],
    format: 'cjs',
    target: tinySyntax,
    minify: true,
    legalComments: 'none',
    metafile: true,
    plugins: [leaveOut(parts, loader)],
    logLevel: 'silent',
  });
  if (result.warnings.length > 0) {
    const texts = await formatMessages(result.warnings, { kind: 'warning' });
    throw new Error(`${entry}: ${texts.join('')}`);
  }
  const code = result.outputFiles[0]?.text ?? '';
  return { code: `(function(exports,module){${code}\n})`, inputs: inputsOf(result.metafile) };
}

/** Each of `parts` is imported by its name somewhere in the entry, while the program runs. */
export async function bundleTiny(entry: string, parts: readonly string[]): Promise<TinyScripts> {
  const names = parts.map((part) => basename(part, '.ts'));
  const bundles = await Promise.all([entry, ...parts].map((each) => bundleOne(each, names)));
  const [first, ...others] = bundles.map(({ code }) => code);
  return {
    scripts: [`${first}({},{})`, ...others],
    inputs: [...new Set(bundles.flatMap(({ inputs }) => inputs))].sort(),
  };
}
