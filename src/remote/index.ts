/** The way to other hosts. */
export { dkimDirectory, dkimKeySuffix, dkimKeysMax, dkimKeysOf, isSelector } from './dkim-keys.ts';
export { masqueradeBytesMax } from './masquerade-rules.ts';
export type { Outgoing, Prepare } from './outgoing.ts';
export { createPrepare } from './prepare.ts';
export { remoteOutputBytesMax, runMsDefault } from './remote-program.ts';
export { createRemoteSpawner, type RemoteSpawnerOptions } from './remote-spawner.ts';
export type { DomainPolicy, FindDomainPolicy, Relay, Route, TlsDemand } from './route.ts';
export { createSigning } from './sign-outgoing.ts';
export type { Connection, Delivered, Demands, Hop, Login, Opening, Transport } from './transport.ts';
export { createWireText, type WireText } from './wire-text.ts';
export { withPrefix } from './with-prefix.ts';
