/** qmail-showctl: how this installation is configured, in words. */
import { homeDirectory, openControl } from '../control/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { type ByteString, errorText, printable, type System } from '../system/index.ts';
import { type ControlFile, controlFiles } from './control-files.ts';
import { complain, print } from './print.ts';
import type { Program } from './program.ts';

const manual: Manual = {
  name: 'qmail-showctl',
  section: 8,
  purpose: 'show the configuration',
  synopsis: [''],
  description: [
    'qmail-showctl prints the home directory and then, for each control file that the programs of this system read, what it says or what holds where it is missing. Files under control that no program reads are named at the end: often they are misspelt.',
    'Bytes that cannot be printed are shown as \\xNN.',
  ],
  environment: [['QMAILHOME', 'The home directory; default /var/qmail.']],
  exitCodes: [
    ['0', 'Everything was shown.'],
    ['100', 'It was called wrongly.'],
    ['111', 'The directory control, or a file in it, could not be read.'],
  ],
  seeAlso: ['config-fast(8)'],
};

/** What is there besides control files. */
const others = ['dkim', 'qmqpskey.next', 'satellites'];

/** What one control file says, line by line, without its name. */
function describe(system: System, file: ControlFile): readonly string[] {
  const control = openControl(system);
  const sentence = (value: ByteString) => file.says.replace('VALUE', () => printable(value));
  switch (file.kind) {
    case 'secret': {
      const isThere = system.files.list(control.directory).includes(file.name);
      return [isThere ? sentence(`control/${file.name}`) : `(Default.) ${file.without}`];
    }
    case 'line': {
      const value = control.line(file.name);
      if (value !== undefined) return [sentence(value)];
      const preset = file.orMe ? (control.line('me') ?? file.preset) : file.preset;
      return [`(Default.) ${preset === undefined ? file.without : sentence(preset)}`];
    }
    case 'number': {
      const value = control.number(file.name, -1);
      return [value < 0 ? `(Default.) ${sentence(file.preset)}` : sentence(String(value))];
    }
    case 'list': {
      const lines = control.list(file.name);
      if (lines !== undefined) return ['', ...lines.map(sentence)];
      const me = file.orMe ? control.line('me') : undefined;
      return [`(Default.) ${me === undefined ? file.without : sentence(me)}`];
    }
  }
}

function show(system: System): void {
  const { directory } = openControl(system);
  print(system, `qmail home directory: ${printable(homeDirectory(system))}.\n`);
  const present = system.files.list(directory);
  for (const file of controlFiles) {
    print(system, `\n${file.name}: ${describe(system, file).join('\n')}\n`);
  }
  const known = new Set([...controlFiles.map((file) => file.name), ...others]);
  for (const name of [...present].sort().filter((candidate) => !known.has(candidate))) {
    print(system, `\n${printable(name)}: no program of this system reads this file.\n`);
  }
}

export const qmailShowctl: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length > 0) {
      complain(system, 'qmail-showctl', parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return 100;
    }
    try {
      show(system);
      return 0;
    } catch (error) {
      complain(system, 'qmail-showctl', `fatal: ${errorText(error)}`);
      return 111;
    }
  },
};
