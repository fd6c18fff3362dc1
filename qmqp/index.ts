/** QMQP, whole: netstrings, the package, the reply, the client and the server's session. */
export { type Attempt, attemptText, type SubmitRules, type Submitted, submitPackage } from './client.ts';
export {
  converse,
  type ExchangeLimits,
  type ExchangeOutcome,
  type ExchangeWorld,
  type TunnelEnd,
} from './exchange.ts';
export {
  type Hub,
  type HubList,
  hubText,
  parseHub,
  parseHubs,
  parsePin,
  qmqpPort,
  secureProtocol,
} from './hub.ts';
export {
  addDigit,
  colon,
  comma,
  createNetstringParser,
  formatNetstring,
  lengthEmpty,
  lengthTooLong,
  type NetstringParser,
  type NetstringState,
} from './netstring.ts';
export { formatPackage, type Package, type PackageEnvelope, type PackageMessage } from './package-format.ts';
export {
  createPackageParser,
  type MessageSink,
  type PackageLimits,
  type PackageParser,
  type PackageProblem,
  type PackageState,
} from './package-parser.ts';
export { createReplyParser, formatReply, type ReplyParser, type ReplyState, replyBytesMax } from './reply.ts';
export {
  createServerSession,
  type ReplyCause,
  type ServerSession,
  type SessionOptions,
  type Submission,
} from './server-session.ts';
export { shuffle } from './shuffle.ts';
