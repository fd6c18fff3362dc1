/** preline: runs a program on the message with the lines that begin it in an mbox (preline(1)). */
import {
  type CommandLine,
  type Manual,
  type OptionManual,
  parseCommandLine,
  usage,
} from '../manual/index.ts';
import { printable } from '../system/index.ts';
import { deliveryEnvironment } from './delivery-environment.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';
import { runFilter } from './run-filter.ts';

/** The lines, in their order, and the letters that leave them out and put them in. */
const lines = [
  { variable: 'UFLINE', without: 'f', says: 'From_ line' },
  { variable: 'RPLINE', without: 'r', says: 'Return-Path line' },
  { variable: 'DTLINE', without: 'd', says: 'Delivered-To line' },
] as const;

const options = lines.flatMap(({ variable, without, says }): readonly OptionManual[] => [
  { letter: without, name: `without-${variable}`, letterOnly: true, text: `Leave the ${says} out.` },
  {
    letter: without.toUpperCase(),
    name: `with-${variable}`,
    letterOnly: true,
    text: `Put the ${says} in. This is the default; the last of the two counts.`,
  },
]);

const manual: Manual = {
  name: 'preline',
  section: 1,
  purpose: 'run a program on a message with its first lines',
  synopsis: ['[-frdFRD] PROGRAM [ARGUMENT ...]'],
  description: [
    'preline is for .qmail files: it runs PROGRAM on the message on descriptor 0, with the From_ line, the Return-Path line and the Delivered-To line of the delivery in front of it, as programs like procmail expect them.',
    'PROGRAM finds all of it on its descriptor 0, which is a file.',
  ],
  options,
  environment: [
    ...deliveryEnvironment('UFLINE', 'RPLINE', 'DTLINE'),
    ['PATH', 'Where PROGRAM is looked for, unless it has a slash.'],
  ],
  exitCodes: [
    ['0 to 255', 'PROGRAM exited with this code.'],
    ['100', 'It was called wrongly, one of the variables is not set, or there is no such program.'],
    ['111', 'The message could not be read, PROGRAM could not be started now, or a signal ended it.'],
  ],
  seeAlso: ['qmail-local(8)'],
};

const exitPermanent = 100;
const exitTemporary = 111;

export const preline: Program = {
  manual,
  run: async (system) => {
    const fail = (exitCode: number, text: string): number => {
      complain(system, 'preline', text);
      return exitCode;
    };
    const missing = lines.find(({ variable }) => system.env(variable) === undefined);
    if (missing !== undefined) return fail(exitPermanent, `fatal: ${missing.variable} not set`);
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok) return fail(exitPermanent, `${parsed.problem}\n${usage(manual)}`);
    const { line } = parsed;
    if (line.operands.length === 0) return fail(exitPermanent, usage(manual));
    const wanted = (variable: string, given: CommandLine) =>
      given.last(`without-${variable}`, `with-${variable}`) !== `without-${variable}`;
    const head = lines
      .filter(({ variable }) => wanted(variable, line))
      .map(({ variable }) => system.env(variable));
    const ended = runFilter(system, head.join(''), line.operands);
    switch (ended.kind) {
      case 'exited':
        return ended.exitCode;
      case 'crashed':
        return fail(exitTemporary, 'fatal: child crashed');
      case 'not-run':
        return fail(ended.temporary ? exitTemporary : exitPermanent, `fatal: ${printable(ended.problem)}`);
    }
  },
};
