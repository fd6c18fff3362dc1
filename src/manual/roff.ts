/** A manual page in the man macros, from the same value as --help. */
import { optionTerm } from './help.ts';
import type { Entry, Manual } from './manual.ts';

/** A backslash, and a dot or an apostrophe that begins a line, would be read as requests. */
function escapeRoff(text: string): string {
  const plain = text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
  return plain.startsWith('.') || plain.startsWith("'") ? `\\&${plain}` : plain;
}

function entries(title: string, list: readonly Entry[] | undefined): readonly string[] {
  if (list === undefined || list.length === 0) return [];
  return [
    `.SH ${title}`,
    ...list.flatMap(([term, text]) => ['.TP', `.B ${escapeRoff(term)}`, escapeRoff(text)]),
  ];
}

function paragraphs(title: string, list: readonly string[] | undefined): readonly string[] {
  if (list === undefined || list.length === 0) return [];
  return [
    `.SH ${title}`,
    ...list.flatMap((text, index) => (index === 0 ? [] : ['.PP']).concat(escapeRoff(text))),
  ];
}

export function roff(manual: Manual): string {
  const synopsis = manual.synopsis.flatMap((form, index) => [
    ...(index === 0 ? [] : ['.br']),
    `.B ${escapeRoff(manual.name)}`,
    ...(form === '' ? [] : [escapeRoff(form)]),
  ]);
  return [
    `.TH ${manual.name.toUpperCase()} ${manual.section} "" mini-qmail`,
    '.SH NAME',
    `${escapeRoff(manual.name)} \\- ${escapeRoff(manual.purpose)}`,
    ...(synopsis.length === 0 ? [] : ['.SH SYNOPSIS', ...synopsis]),
    ...paragraphs('DESCRIPTION', manual.description),
    ...entries(
      'OPTIONS',
      manual.options?.map((option) => [optionTerm(option), option.text]),
    ),
    ...entries('ENVIRONMENT', manual.environment),
    ...entries('CONTROL FILES', manual.controls),
    ...entries('EXIT CODES', manual.exitCodes),
    ...entries('LIMITS', manual.limits),
    ...paragraphs('BUGS', manual.bugs),
    ...(manual.seeAlso === undefined ? [] : ['.SH SEE ALSO', manual.seeAlso.map(escapeRoff).join(', ')]),
    '',
  ].join('\n');
}
