/** Listeners and the server side of the protocols. */

export { parseRuleLine, type RuleLine } from './address-rule-line.ts';
export { searchedAddresses } from './address-rules.ts';
export {
  type Block,
  type BlockListsOptions,
  createBlockedSession,
  createBlockLists,
  createListResolver,
  type ListResolver,
  type ListSource,
  type ListVerdict,
  listsMax,
  parseListSource,
  readBlockLists,
} from './blocklist/index.ts';
export { askHub } from './control-client.ts';
export {
  type ControlListener,
  type ControlListenerOptions,
  controlPath,
  listenControl,
} from './control-listener.ts';
export {
  type ControlAnswer,
  type ControlRequest,
  controlRequestBytesMax,
} from './control-protocol.ts';
export { type IntakeListener, type IntakeListenerOptions, listenIntake } from './intake-listener.ts';
export {
  type ListenAddress,
  listenAddressText,
  parseListenAddress,
  type QmqpAddress,
  qmqpAddressText,
  type ServiceAddress,
  serviceAddressText,
} from './listen-address.ts';
export type { ListenPlace } from './listen-on.ts';
export {
  listenMetrics,
  type MetricsListener,
  type MetricsListenerOptions,
  metricsConnectionsMax,
  metricsHeaderBytesMax,
  metricsRequestMs,
} from './metrics-listener.ts';
export { networkSubmission } from './network-submission.ts';
export { environmentPeer, type Peer, plainAddress } from './peer.ts';
export {
  type ChainSession,
  chainOfPrograms,
  createPopupServer,
  isLoopback,
  type OpenChain,
  openSpawnedChain,
  type PopupConnectionOptions,
  type PopupEnding,
  type PopupLimits,
  type PopupServer,
  type PopupServerOptions,
  popupLimits,
  readPopupLimits,
  readPopupRules,
  servePopup,
} from './popup/index.ts';
export { openProofs, type Proofs } from './proofs.ts';
export { type QmqpDescriptorsOptions, type QmqpEnding, serveQmqpDescriptors } from './qmqp-descriptors.ts';
export { type QmqpServerLimits, qmqpServerLimits, readQmqpServerLimits } from './qmqp-limits.ts';
export { listenQmqp, type QmqpListener, type QmqpListenerOptions } from './qmqp-listener.ts';
export { type QmqpRules, readQmqpRules } from './qmqp-rules.ts';
export { listenQmqps, type QmqpsListenerOptions } from './qmqps-listener.ts';
export type { QmtpConnectionEnding } from './qmtp/connection.ts';
export { type QmtpDescriptorsOptions, serveQmtpDescriptors } from './qmtp/descriptors.ts';
export { type QmtpServerLimits, qmtpServerLimits, readQmtpServerLimits } from './qmtp/limits.ts';
export { listenQmtp, type QmtpListener, type QmtpListenerOptions } from './qmtp/listener.ts';
export { judgeQmtpRecipient } from './qmtp/policy.ts';
export { queueIntake } from './queue-intake.ts';
export { type RelayIntake, relayIntake } from './relay-intake.ts';
export { listenRelay, type RelayListener, type RelayListenerOptions } from './relay-listener.ts';
export { relaySocketPath } from './relay-protocol.ts';
export { listRequests, removeRequest, requestsMax } from './satellites/requests.ts';
export {
  isSatelliteName,
  keysMax,
  parseSatelliteFile,
  type SatellitePolicy,
} from './satellites/satellite-file.ts';
export { readUsage, type Usage } from './satellites/usage.ts';
export {
  openServerCertificate,
  type ServerCertificate,
  serverCertificateFile,
} from './server-certificate.ts';
export { serverHandshakeMsMax, startServerTls } from './server-tls.ts';
export { readBadSenders } from './smtp/bad-senders.ts';
export { type ClientRule, type ClientRules, readClientRules } from './smtp/client-rules.ts';
export { type SmtpDescriptorsOptions, serveSmtpDescriptors } from './smtp/descriptors.ts';
export { beginSubmission, type SmtpJudge } from './smtp/judged-submission.ts';
export {
  databytesOf,
  messageBytesMax,
  readSmtpServerLimits,
  type SmtpServerLimits,
  smtpServerLimits,
} from './smtp/limits.ts';
export { ownAddresses } from './smtp/own-addresses.ts';
export { smtpAddressBytesMax } from './smtp/path.ts';
export { readSmtpPolicy, type SmtpPolicy } from './smtp/policy.ts';
export { type RecipientHosts, readRecipientHosts } from './smtp/recipient-hosts.ts';
export type { SmtpReply } from './smtp/reply.ts';
export { createSmtpServer, type SmtpServer, type SmtpServerOptions } from './smtp/server.ts';
export type { SmtpEnding } from './smtp/session-contract.ts';
export { readSmtpSettings, type SmtpSettings } from './smtp/settings.ts';
export { smtpSubmission } from './smtp/submission.ts';
export { unlessUnknown } from './smtp/unless-unknown.ts';
