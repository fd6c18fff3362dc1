/** A program's command line, read by its own option table. */
import minimist from 'minimist';
import { last } from '../system/index.ts';
import type { Manual } from './manual.ts';
import { normalise } from './normalise.ts';

export interface CommandLine {
  /** Whether a switch was given. */
  has(name: string): boolean;
  /** Which of these switches was given last, where they contradict one another. */
  last(...names: readonly string[]): string | undefined;
  /** The last value of an option, or undefined when it was not given. */
  value(name: string): string | undefined;
  /** All values of an option, in order. */
  values(name: string): readonly string[];
  readonly operands: readonly string[];
}

export type Parsed =
  | { readonly ok: true; readonly line: CommandLine }
  | { readonly ok: false; readonly problem: string };

export interface ParseRules {
  /** Options may stand behind operands. */
  readonly permute?: boolean;
}

export function parseCommandLine(manual: Manual, args: readonly string[], rules: ParseRules = {}): Parsed {
  const options = manual.options ?? [];
  const normalised = normalise(args, { options, ...rules });
  if (!normalised.ok) return normalised;
  const valued = options.filter((option) => option.value !== undefined).map((option) => option.name);
  const switches = options.filter((option) => option.value === undefined).map((option) => option.name);
  const parsed = minimist([...normalised.options, '--', ...normalised.operands], {
    string: ['_', ...valued],
    boolean: switches,
  });
  const values = (name: string): readonly string[] => {
    const found: unknown = parsed[name];
    if (found === undefined) return [];
    return (Array.isArray(found) ? found : [found]).map(String);
  };
  return {
    ok: true,
    line: {
      has: (name) => parsed[name] === true,
      last: (...names) =>
        last(normalised.options.filter((given) => names.includes(given.slice(2))))?.slice(2),
      value: (name) => last(values(name)),
      values,
      operands: parsed._,
    },
  };
}
