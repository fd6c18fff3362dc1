/** The programs of the native satellite: those of the satellite, from the same files, less what needs more than it has. */
import type { ProgramTable } from './program.ts';

const seldom = () => import('./seldom-programs.ts');

const big = async (name: string, why: string) => (await import('./stays-big.ts')).staysBig(name, why);

export const tinyPrograms: ProgramTable = {
  datemail: async () => (await import('./datemail.ts')).datemail,
  forward: async () => (await import('./forward.ts')).forward,
  maildir2mbox: async () => (await seldom()).maildir2mbox,
  maildirmake: async () => (await import('./maildirmake.ts')).maildirmake,
  maildirwatch: async () => (await seldom()).maildirwatch,
  mailq: async () => (await import('./mailq.ts')).mailq,
  mailsubj: async () => (await import('./mailsubj.ts')).mailsubj,
  newaliases: async () => (await import('./newaliases.ts')).newaliases,
  predate: async () => (await import('./predate.ts')).predate,
  'qmail-collectd': () => big('qmail-collectd', 'listens and speaks TLS'),
  'qmail-doctor': () => big('qmail-doctor', 'looks at keys and certificates'),
  'qmail-enroll': () => big('qmail-enroll', 'makes keys and speaks TLS'),
  'qmail-flush': async () => (await seldom()).qmailFlush,
  'qmail-inject': async () => (await import('./qmail-inject.ts')).qmailInject,
  'qmail-qmqpc': async () => (await import('./qmail-qmqpc.ts')).qmailQmqpc,
  'qmail-queue': async () => (await import('./qmail-qmqpc.ts')).qmailQmqpc,
  'qmail-showctl': async () => (await seldom()).qmailShowctl,
  sendmail: async () => (await import('./sendmail.ts')).sendmail,
};
