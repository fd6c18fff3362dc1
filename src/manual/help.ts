/** --help, from the same value as the manual page. */
import type { Entry, Manual, OptionManual } from './manual.ts';

const indent = '    ';

function valueTerm({ value, attachedOnly }: OptionManual): string {
  if (value === undefined) return '';
  return attachedOnly ? `[${value}]` : ` ${value}`;
}

export function optionTerm(option: OptionManual): string {
  const value = valueTerm(option);
  const letters = [option.letter ?? [], ...(option.aliases ?? '')].flat().map((letter) => `-${letter}`);
  const long = option.letterOnly ? [] : [`--${option.name}`];
  return `${[...letters, ...long].join(', ')}${value}`;
}

/** The one line that a usage error prints. */
export function usage(manual: Manual): string {
  return manual.synopsis.map((form) => `usage: ${manual.name} ${form}`.trimEnd()).join('\n');
}

function section(title: string, entries: readonly Entry[] | undefined): readonly string[] {
  if (entries === undefined || entries.length === 0) return [];
  return ['', `${title}:`, ...entries.flatMap(([term, text]) => [`  ${term}`, `${indent}${text}`])];
}

export function help(manual: Manual): string {
  const options = manual.options?.map((option): Entry => [optionTerm(option), option.text]);
  return [
    `${manual.name} - ${manual.purpose}`,
    '',
    usage(manual),
    ...manual.description.flatMap((paragraph) => ['', paragraph]),
    ...section('Options', options),
    ...section('Environment', manual.environment),
    ...section('Control files', manual.controls),
    ...section('Exit codes', manual.exitCodes),
    ...section('Limits', manual.limits),
    '',
  ].join('\n');
}
