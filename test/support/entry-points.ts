/**
 * What runs our programs in tests: Node with the sources as they are, or, where $BUILT_PROGRAMS names the directory of
 * executables that scripts/test has just built of them, these, which begin in a third of the time.
 */
import { join } from 'node:path';
import { top } from './top.ts';

const built = process.env['BUILT_PROGRAMS'];

/** The entry point that holds the satellite's programs only. */
export const satelliteMain: string = join(top, 'src/main-satellite.ts');

function command(name: string, main: string): readonly string[] {
  return built === undefined ? [process.execPath, main] : [join(built, name)];
}

/** Words before a program's name: every program. */
export const hubCommand: readonly string[] = command('mini-qmail', join(top, 'src/main.ts'));

/** Words before a program's name: the satellite's programs. */
export const satelliteCommand: readonly string[] = command('mini-qmail-satellite', satelliteMain);
