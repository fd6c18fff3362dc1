/** POP3 (RFC 1939): its commands, a login, a Maildir as it shows it, and a session behind the login. */
export {
  type Authorization,
  type AuthorizationOptions,
  type AuthorizationStep,
  createAuthorization,
} from './authorization.ts';
export { cleanTmp } from './clean-tmp.ts';
export { type CommandLines, createCommandLines, tooLong } from './command-lines.ts';
export { type Pop3Limits, pop3Limits } from './limits.ts';
export { type Maildrop, type MaildropOptions, openMaildrop } from './maildrop.ts';
export {
  type Pop3Channel,
  type ServeTransactionOptions,
  serveTransaction,
  type TransactionEnd,
} from './serve-transaction.ts';
