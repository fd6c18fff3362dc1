/** The programs of the satellite's executable. */
import type { ProgramTable } from './program.ts';

const seldom = () => import('./seldom-programs.ts');

const smaller = () => import('./smaller-programs.ts');

const larger = () => import('./larger-programs.ts');

export const satellitePrograms: ProgramTable = {
  datemail: async () => (await smaller()).datemail,
  forward: async () => (await smaller()).forward,
  maildir2mbox: async () => (await seldom()).maildir2mbox,
  maildirmake: async () => (await smaller()).maildirmake,
  maildirwatch: async () => (await seldom()).maildirwatch,
  mailq: async () => (await smaller()).mailq,
  mailsubj: async () => (await smaller()).mailsubj,
  newaliases: async () => (await smaller()).newaliases,
  predate: async () => (await smaller()).predate,
  'qmail-collectd': async () => (await larger()).qmailCollectd,
  'qmail-doctor': async () => (await larger()).qmailDoctor,
  'qmail-flush': async () => (await seldom()).qmailFlush,
  'qmail-enroll': async () => (await larger()).qmailEnroll,
  'qmail-inject': async () => (await import('./qmail-inject.ts')).qmailInject,
  'qmail-qmqpc': async () => (await smaller()).qmailQmqpc,
  'qmail-queue': async () => (await smaller()).qmailQmqpc,
  'qmail-showctl': async () => (await seldom()).qmailShowctl,
  sendmail: async () => (await import('./sendmail.ts')).sendmail,
};
