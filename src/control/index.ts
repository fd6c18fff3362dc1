/** Control files: one value or one list per file. */
export { type Control, homeDirectory, openControl, parseList, readWhole } from './control.ts';
export { type Line, readFileLines, readLines } from './read-lines.ts';
