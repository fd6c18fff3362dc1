/** Listeners and the server side of the protocols. */
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
export { type ListenAddress, listenAddressText, parseListenAddress } from './listen-address.ts';
export {
  listenMetrics,
  type MetricsListener,
  type MetricsListenerOptions,
  metricsConnectionsMax,
  metricsHeaderBytesMax,
  metricsRequestMs,
} from './metrics-listener.ts';
export { environmentPeer, type Peer, plainAddress } from './peer.ts';
export { openProofs, type Proofs } from './proofs.ts';
export { type QmqpDescriptorsOptions, type QmqpEnding, serveQmqpDescriptors } from './qmqp-descriptors.ts';
export { type QmqpServerLimits, qmqpServerLimits, readQmqpServerLimits } from './qmqp-limits.ts';
export { listenQmqp, type QmqpListener, type QmqpListenerOptions } from './qmqp-listener.ts';
export { type QmqpRules, readQmqpRules } from './qmqp-rules.ts';
export { queueIntake } from './queue-intake.ts';
export { type RelayIntake, relayIntake } from './relay-intake.ts';
export { listenRelay, type RelayListener, type RelayListenerOptions } from './relay-listener.ts';
