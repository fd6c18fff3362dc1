/** The programs of the hub's executable: those of the satellite, and its own. */
import type { ProgramTable } from './program.ts';
import { satellitePrograms } from './satellite-table.ts';

export const hubPrograms: ProgramTable = {
  ...satellitePrograms,
  bouncesaying: async () => (await import('./bouncesaying.ts')).bouncesaying,
  condredirect: async () => (await import('./condredirect.ts')).condredirect,
  // Of the two programs of this name, a hub has the one that rebuilds something.
  newaliases: async () => (await import('./qmail-newaliases.ts')).qmailNewaliases,
  'qmail-newaliases': async () => (await import('./qmail-newaliases.ts')).qmailNewaliases,
  'dot-forward': async () => (await import('./dot-forward.ts')).dotForward,
  fastforward: async () => (await import('./fastforward.ts')).fastforward,
  newinclude: async () => (await import('./newinclude.ts')).newinclude,
  printforward: async () => (await import('./printforward.ts')).printforward,
  printmaillist: async () => (await import('./printmaillist.ts')).printmaillist,
  setforward: async () => (await import('./setforward.ts')).setforward,
  setmaillist: async () => (await import('./setmaillist.ts')).setmaillist,
  'config-fast': async () => (await import('./config-fast.ts')).configFast,
  except: async () => (await import('./except.ts')).except,
  preline: async () => (await import('./preline.ts')).preline,
  'qmail-getpw': async () => (await import('./qmail-getpw.ts')).qmailGetpw,
  'qmail-newmrh': async () => (await import('./qmail-newmrh.ts')).qmailNewmrh,
  'qmail-newu': async () => (await import('./qmail-newu.ts')).qmailNewu,
  'qmail-pw2u': async () => (await import('./qmail-pw2u.ts')).qmailPw2u,
  qbiff: async () => (await import('./qbiff.ts')).qbiff,
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
  qreceipt: async () => (await import('./qreceipt.ts')).qreceipt,
  'qmail-local': async () => (await import('./qmail-local.ts')).qmailLocal,
};
