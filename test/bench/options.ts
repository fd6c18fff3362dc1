/** The command line of the bench. */
import { join } from 'node:path';
import { type Manual, parseCommandLine, usage } from '../../src/manual/index.ts';
import { top } from '../support/top.ts';
import { sinkKinds } from './relay-sinks.ts';
import type { RoundOptions } from './rounds.ts';

export interface BenchOptions extends RoundOptions {
  readonly cases: readonly string[];
  /** It need only be seen that everything works. */
  readonly quick: boolean;
  /** How long one run lasts. */
  readonly seconds: number;
  /** How many messages one run sends, in place of what lasts so many seconds. */
  readonly messages: number | undefined;
  readonly connections: readonly number[];
  readonly sizesBytes: readonly number[];
  /** Whether deliveries run while messages are accepted. */
  readonly deliver: boolean;
  /** Whether the hub is the one whose parts run as users of their own. */
  readonly separated: boolean;
  /** Recipients of a message that relay sends. */
  readonly recipients: readonly number[];
  /** Names of the sinks that relay sends to; none for all. */
  readonly sinks: readonly string[];
  /** The directory of the results. */
  readonly output: string;
  /** Tells the user what is going on. */
  readonly say: (text: string) => void;
}

const manual: Manual = {
  name: 'bench',
  section: 1,
  purpose: 'measure this system beside others',
  synopsis: ['[OPTION ...] CASE ...'],
  description: [
    'Measures each CASE side by side with what else is installed, prints a table and writes CASE.json.',
  ],
  options: [
    { name: 'quick', text: 'A short run, to see that everything works.' },
    { name: 'rounds', value: 'N', text: 'Turns of each subject.' },
    { name: 'seconds', value: 'N', text: 'About how long one turn lasts.' },
    { name: 'messages', value: 'N', text: 'Messages of one turn, in place of --seconds.' },
    { name: 'pause', value: 'SECONDS', text: 'Between turns.' },
    { name: 'connections', value: 'N', repeated: true, text: 'Connections at the same time.' },
    { name: 'size', value: 'BYTES', repeated: true, text: 'Size of a message.' },
    { name: 'deliver', text: 'accept: let deliveries run meanwhile.' },
    {
      name: 'separated',
      text: 'end-to-end: the hub that root starts, to one user and to fifty, on a private host.',
    },
    { name: 'recipients', value: 'N', repeated: true, text: 'relay: recipients of a message.' },
    {
      name: 'sink',
      value: 'NAME',
      repeated: true,
      text: `relay: to which sinks. Default: ${sinkKinds.map(({ name }) => name).join(', ')}.`,
    },
    { name: 'output', value: 'DIR', text: 'Where the results go. Default: dist/bench.' },
  ],
  exitCodes: [['0', 'Everything was measured.']],
};

/** Throws what is wrong with the command line, with the usage. */
export function readOptions(args: readonly string[]): BenchOptions {
  const parsed = parseCommandLine(manual, args, { permute: true });
  if (!parsed.ok) throw new Error(`${parsed.problem}\n${usage(manual)}`);
  const { line } = parsed;
  if (line.operands.length === 0) throw new Error(usage(manual));
  const quick = line.has('quick');
  const numbers = (name: string, preset: readonly number[]): readonly number[] => {
    const values = line.values(name).map(Number);
    const wrong = values.find((value) => !(value > 0));
    if (wrong !== undefined) throw new Error(`--${name} takes a number over 0`);
    return values.length === 0 ? preset : values;
  };
  const names = line.values('sink');
  const unknown = names.find((name) => !sinkKinds.some((kind) => kind.name === name));
  if (unknown !== undefined) throw new Error(`there is no sink ${unknown}`);
  const number = (name: string, preset: number) => numbers(name, []).at(-1) ?? preset;
  const messages = number('messages', quick ? 20 : 0);
  return {
    cases: line.operands,
    quick,
    rounds: number('rounds', quick ? 1 : 3),
    seconds: number('seconds', 2),
    messages: messages === 0 ? undefined : messages,
    pauseMs: number('pause', quick ? 0.001 : 2) * 1000,
    connections: numbers('connections', quick ? [2] : [1, 10, 50]),
    sizesBytes: numbers('size', quick ? [1000] : [1000, 10_000, 100_000]),
    deliver: line.has('deliver'),
    separated: line.has('separated'),
    recipients: numbers('recipients', quick ? [20] : [1, 20]),
    sinks: names,
    output: line.value('output') ?? join(top, 'dist/bench'),
    say: (text) => process.stderr.write(`bench: ${text}\n`),
  };
}
