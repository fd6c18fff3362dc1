/**
 * Programs of the satellite that are called by their own names, and not in the course of sendmail or qmail-inject: as
 * seldom-programs.ts, a script of its own.
 */
export { datemail } from './datemail.ts';
export { forward } from './forward.ts';
export { maildirmake } from './maildirmake.ts';
export { mailq } from './mailq.ts';
export { mailsubj } from './mailsubj.ts';
export { newaliases } from './newaliases.ts';
export { predate } from './predate.ts';
export { qmailQmqpc } from './qmail-qmqpc.ts';
