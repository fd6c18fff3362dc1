/** The programs of the hub's executable: those of the satellite, and its own. */
import type { ProgramTable } from './program.ts';
import { satellitePrograms } from './satellite-table.ts';

export const hubPrograms: ProgramTable = {
  ...satellitePrograms,
  'config-fast': async () => (await import('./config-fast.ts')).configFast,
  'qmail-queue': async () => (await import('./qmail-queue.ts')).qmailQueue,
  'qmail-send': async () => (await import('./qmail-send.ts')).qmailSend,
  'qmail-start': async () => (await import('./qmail-start.ts')).qmailStart,
  'qmail-qread': async () => (await import('./qmail-qread.ts')).qmailQread,
  'qmail-qstat': async () => (await import('./qmail-qstat.ts')).qmailQstat,
  'qmail-qmqpd': async () => (await import('./qmail-qmqpd.ts')).qmailQmqpd,
  'qmail-local': async () => (await import('./qmail-local.ts')).qmailLocal,
};
