/** The programs of the satellite's executable. */
import type { ProgramTable } from './program.ts';

export const satellitePrograms: ProgramTable = {
  maildirmake: async () => (await import('./maildirmake.ts')).maildirmake,
  'qmail-qmqpc': async () => (await import('./qmail-qmqpc.ts')).qmailQmqpc,
  'qmail-queue': async () => (await import('./qmail-qmqpc.ts')).qmailQmqpc,
  'qmail-showctl': async () => (await import('./qmail-showctl.ts')).qmailShowctl,
};
