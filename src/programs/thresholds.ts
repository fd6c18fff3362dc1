/** The options by which a program becomes a check for a monitor: how old and how many is too much. */
import type { CommandLine, OptionManual } from '../manual/index.ts';
import { wholeNumber } from '../system/index.ts';
import { parseDuration } from './duration.ts';
import type { Thresholds } from './monitor.ts';

export const thresholdNames: readonly string[] = ['warn-age', 'crit-age', 'warn-count', 'crit-count'];

/** `what` holds the messages: the queue, the spool. */
export function thresholdOptions(what: string): readonly OptionManual[] {
  return [
    { name: 'warn-age', value: 'TIME', text: 'WARNING when the oldest message is older.' },
    { name: 'crit-age', value: 'TIME', text: 'CRITICAL when the oldest message is older.' },
    { name: 'warn-count', value: 'NUMBER', text: `WARNING when the ${what} holds more messages.` },
    { name: 'crit-count', value: 'NUMBER', text: `CRITICAL when the ${what} holds more messages.` },
  ];
}

/** The value of an option, read; undefined when it was not given. Throws what is wrong with it. */
export function readOption(
  line: CommandLine,
  name: string,
  what: string,
  parse: (text: string) => number | undefined,
): number | undefined {
  const text = line.value(name);
  const value = text === undefined ? undefined : parse(text);
  if (text !== undefined && value === undefined) throw new Error(`--${name} ${text}: not ${what}`);
  return value;
}

export function readThresholds(line: CommandLine): Thresholds {
  const age = (name: string) => readOption(line, name, 'a time', parseDuration);
  const count = (name: string) => readOption(line, name, 'a number', wholeNumber);
  return {
    warnAgeMs: age('warn-age'),
    critAgeMs: age('crit-age'),
    warnCount: count('warn-count'),
    critCount: count('crit-count'),
  };
}
