/** The door of POP3: logins, TLS, and the chain of programs behind them. */
export { type ChainSession, chainOfPrograms, type OpenChain } from './chain.ts';
export { type PopupConnectionOptions, type PopupEnding, servePopup } from './connection.ts';
export { type PopupLimits, popupLimits, readPopupLimits } from './limits.ts';
export {
  createPopupServer,
  isLoopback,
  type PopupServer,
  type PopupServerOptions,
} from './listener.ts';
export { readPopupRules } from './rules.ts';
export { openSpawnedChain, type SpawnedChain } from './spawned-chain.ts';
