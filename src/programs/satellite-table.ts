/** The programs of the satellite's executable. */
import type { ProgramTable } from './program.ts';

export const satellitePrograms: ProgramTable = {
  datemail: async () => (await import('./datemail.ts')).datemail,
  forward: async () => (await import('./forward.ts')).forward,
  maildir2mbox: async () => (await import('./maildir2mbox.ts')).maildir2mbox,
  maildirmake: async () => (await import('./maildirmake.ts')).maildirmake,
  maildirwatch: async () => (await import('./maildirwatch.ts')).maildirwatch,
  mailq: async () => (await import('./mailq.ts')).mailq,
  mailsubj: async () => (await import('./mailsubj.ts')).mailsubj,
  newaliases: async () => (await import('./newaliases.ts')).newaliases,
  predate: async () => (await import('./predate.ts')).predate,
  'qmail-collectd': async () => (await import('./qmail-collectd.ts')).qmailCollectd,
  'qmail-doctor': async () => (await import('./qmail-doctor.ts')).qmailDoctor,
  'qmail-flush': async () => (await import('./qmail-flush.ts')).qmailFlush,
  'qmail-enroll': async () => (await import('./qmail-enroll.ts')).qmailEnroll,
  'qmail-inject': async () => (await import('./qmail-inject.ts')).qmailInject,
  'qmail-qmqpc': async () => (await import('./qmail-qmqpc.ts')).qmailQmqpc,
  'qmail-queue': async () => (await import('./qmail-qmqpc.ts')).qmailQmqpc,
  'qmail-showctl': async () => (await import('./qmail-showctl.ts')).qmailShowctl,
  sendmail: async () => (await import('./sendmail.ts')).sendmail,
};
