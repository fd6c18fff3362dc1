/** Values of mail, without I/O: addresses, envelopes, dates, Received fields, bounces, qmail-queue's exit codes. */

export { type AddressParts, needsQuotes, quoteAddress, splitAddress } from './address.ts';
export { type RewriteAddress, rewriteList } from './address-list.ts';
export { addressText } from './address-text.ts';
export { formatBounce } from './bounce.ts';
export { formatDate, formatLocalDate, formatMboxDate, formatTimestamp } from './date.ts';
export {
  createEnvelopeParser,
  type Envelope,
  type EnvelopeLimits,
  type EnvelopeParser,
  type EnvelopeState,
  formatEnvelope,
} from './envelope.ts';
export { addressInLine } from './failure-text.ts';
export { fieldName, isField, rewriteField } from './field.ts';
export {
  createHeaderReader,
  type HeaderLimits,
  type HeaderReader,
  type HeaderState,
} from './header-reader.ts';
export { createMboxQuoter, type MboxQuoter } from './mboxrd.ts';
export type { MessageBody } from './message-body.ts';
export { type MessageHeader, messageHeaderLimits, readMessageHeader } from './message-header.ts';
export type { Failure, Notice } from './notice.ts';
export { answerOfQueueExit, queueExit } from './queue-exit.ts';
export { type QueueCaller, type ReceivedFrom, receivedByQueue, receivedFromNetwork } from './received.ts';
export { type Special, special, type Token, tokenise, type WordKind, word } from './token.ts';
export { unparse } from './unparse.ts';
export { createOctetCount, type OctetCount, octetsInName, octetsMark } from './wire-octets.ts';
