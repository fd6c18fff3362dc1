/** The way to other hosts. */

export { remoteReport } from './answers.ts';
export { keptMax } from './connection-pool.ts';
export { dkimDirectory, dkimKeySuffix, dkimKeysMax, dkimKeysOf, isSelector } from './dkim-keys.ts';
export { exchangesMax, hopsMax } from './hops.ts';
export { masqueradeBytesMax } from './masquerade-rules.ts';
export { stsFetchMsMax, stsPolicyBytesMax } from './mta-sts/fetch-policy.ts';
export { stsCheckMs, stsDomainsMax } from './mta-sts/find-policy.ts';
export { maxAgeSecondsMax, policyHostsMax } from './mta-sts/policy.ts';
export { conversationMsMax, openingMsMax, openRemote, timeoutsFile } from './open-remote.ts';
export type { Outgoing, Prepare } from './outgoing.ts';
export { createPrepare } from './prepare.ts';
export { qmtpOver } from './qmtp/open-qmtp.ts';
export { remoteOutputBytesMax, runMsDefault } from './remote-program.ts';
export { createRemoteSender, type HeldBody, type RemoteJob, type RemoteSender } from './remote-sender.ts';
export { createRemoteSpawner, type RemoteSpawnerOptions } from './remote-spawner.ts';
export type { DomainPolicy, FindDomainPolicy, Relay, Route, TlsDemand } from './route.ts';
export { parseRoute } from './routes.ts';
export { asLeaving, type Destination, hopsMsMax, type MailSender, sendMail } from './send-mail.ts';
export {
  type RemoteSettings,
  readRemoteSettings,
  remoteDefaults,
  type SettingsSource,
  timeoutSecondsMax,
  watchSettings,
} from './settings.ts';
export { createSigning } from './sign-outgoing.ts';
export { handshakeMsMax } from './smtp/carrier.ts';
export { openSmtpOver } from './smtp/open-smtp.ts';
export { replyBytesMax, replyTextBytesMax } from './smtp/reply-reader.ts';
export { openTimeouts, type TimedOutHost, type Timeouts } from './timeouts.ts';
export type { Connection, Delivered, Demands, Hop, Login, Opening, Transport } from './transport.ts';
export { createWireText, type WireText } from './wire-text.ts';
export { withPrefix } from './with-prefix.ts';
