/** The programs of the hub's executable: those of the satellite, and its own. */
import type { ProgramTable } from './program.ts';
import { satellitePrograms } from './satellite-table.ts';

export const hubPrograms: ProgramTable = {
  ...satellitePrograms,
  bouncesaying: async () => (await import('./bouncesaying.ts')).bouncesaying,
  condredirect: async () => (await import('./condredirect.ts')).condredirect,
  'config-fast': async () => (await import('./config-fast.ts')).configFast,
  except: async () => (await import('./except.ts')).except,
  preline: async () => (await import('./preline.ts')).preline,
  'qmail-qbackup': async () => (await import('./qmail-qbackup.ts')).qmailQbackup,
  'qmail-qcheck': async () => (await import('./qmail-qcheck.ts')).qmailQcheck,
  'qmail-qctl': async () => (await import('./qmail-qctl.ts')).qmailQctl,
  'qmail-qshape': async () => (await import('./qmail-qshape.ts')).qmailQshape,
  'qmail-qread': async () => (await import('./qmail-qread.ts')).qmailQread,
  'qmail-qstat': async () => (await import('./qmail-qstat.ts')).qmailQstat,
  'qmail-queue': async () => (await import('./qmail-queue.ts')).qmailQueue,
  'qmail-send': async () => (await import('./qmail-send.ts')).qmailSend,
  'qmail-start': async () => (await import('./qmail-start.ts')).qmailStart,
  'qmail-qmqpd': async () => (await import('./qmail-qmqpd.ts')).qmailQmqpd,
  'qmail-local': async () => (await import('./qmail-local.ts')).qmailLocal,
};
