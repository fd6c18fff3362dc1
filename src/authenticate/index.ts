/** Who a message is from, proven: signatures that are made, and signatures and senders that are judged. */
export { createDkimSigner, type DkimSigner, type SignerLimits, signerLimits } from './dkim-signer.ts';
export type { SignedBy } from './mailauth.ts';
