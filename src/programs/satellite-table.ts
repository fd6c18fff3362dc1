/** The programs of the satellite's executable. */
import type { ProgramTable } from './program.ts';

export const satellitePrograms: ProgramTable = {};
