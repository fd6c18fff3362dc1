/**
 * The satellite's programs that are not on a message's way. In its executables they are a script of their own, which is
 * read when one of them is called: what a submission does not run, it does not hold in memory.
 */
export { maildir2mbox } from './maildir2mbox.ts';
export { maildirwatch } from './maildirwatch.ts';
export { printSpool } from './print-spool.ts';
export { qmailFlush } from './qmail-flush.ts';
export { qmailShowctl } from './qmail-showctl.ts';
