/**
 * QMTP, the Quick Mail Transfer Protocol (D. J. Bernstein, 1997): for what SMTP is for, with netstrings and without a
 * dialogue. Its requests, read and written, and its replies.
 */
export { createQmtpReplies, type QmtpReplies, type QmtpRepliesState, qmtpReplyBytesMax } from './replies.ts';
export { formatQmtpRequest, type QmtpRequest, qmtpPort } from './request-format.ts';
export {
  createQmtpParser,
  type QmtpLimits,
  type QmtpParser,
  type QmtpProblem,
  type QmtpSink,
  type QmtpState,
} from './request-parser.ts';
