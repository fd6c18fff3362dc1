/**
 * Turns a command line into long options, driven by the option table: -fX, -f X and -nX become --sender=X and
 * --no-queue before minimist sees them, which would misread an attached value, a lone digit or an empty string.
 * A value that may be left out is taken only when it is attached. What follows the first operand, or -- where
 * options may stand behind operands, is passed on as it is.
 */
import type { OptionManual } from './manual.ts';

export type Normalised =
  | { readonly ok: true; readonly options: readonly string[]; readonly operands: readonly string[] }
  | { readonly ok: false; readonly problem: string };

export interface NormaliseRules {
  readonly options: readonly OptionManual[];
  /** Options may stand behind operands, as sendmail's callers write them. Without it the first operand ends them. */
  readonly permute?: boolean;
}

function assign(option: OptionManual, value: string): string {
  return `--${option.name}=${value}`;
}

export function normalise(args: readonly string[], rules: NormaliseRules): Normalised {
  const options: string[] = [];
  const operands: string[] = [];
  const rest = [...args];

  /** A cluster of letters such as -inf X. Returns what is wrong, if anything. */
  function letters(cluster: string): string | undefined {
    for (let index = 1; index < cluster.length; index += 1) {
      const letter = cluster.charAt(index);
      const option = rules.options.find(
        ({ letter: own, aliases }) => own === letter || aliases?.includes(letter),
      );
      if (option === undefined) return `illegal option -- ${letter}`;
      if (option.value === undefined) {
        options.push(`--${option.name}`);
        continue;
      }
      const attached = cluster.slice(index + 1);
      const value = attached === '' && !option.attachedOnly ? rest.shift() : attached;
      if (value === undefined) return `option requires an argument -- ${letter}`;
      options.push(assign(option, value));
      return undefined;
    }
    return undefined;
  }

  function long(argument: string): string | undefined {
    const equals = argument.indexOf('=');
    const name = argument.slice(2, equals < 0 ? undefined : equals);
    const option = rules.options.find((candidate) => candidate.name === name && !candidate.letterOnly);
    if (option === undefined) return `illegal option -- --${name}`;
    if (option.value === undefined) {
      if (equals >= 0) return `option takes no argument -- --${name}`;
      options.push(`--${name}`);
      return undefined;
    }
    const attached = equals < 0 ? undefined : argument.slice(equals + 1);
    const value = attached ?? (option.attachedOnly ? '' : rest.shift());
    if (value === undefined) return `option requires an argument -- --${name}`;
    options.push(assign(option, value));
    return undefined;
  }

  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === '--') {
      operands.push(...rest);
      break;
    }
    if (argument.startsWith('-') && argument !== '-') {
      const problem = argument.startsWith('--') ? long(argument) : letters(argument);
      if (problem !== undefined) return { ok: false, problem };
    } else {
      operands.push(argument);
      if (rules.permute) continue;
      operands.push(...rest);
      break;
    }
  }
  return { ok: true, options, operands };
}
