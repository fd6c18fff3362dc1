/** What a program says of itself, and what follows from it: option parsing, --help, the manual page. */
export { help, usage } from './help.ts';
export type { Entry, Manual, OptionManual } from './manual.ts';
export { type CommandLine, type Parsed, parseCommandLine } from './parse.ts';
export { roff } from './roff.ts';
