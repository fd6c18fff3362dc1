/** Who a message is from, proven: signatures that are made, and signatures and senders that are judged. */
export {
  authenticationResults,
  createQuestions,
  isOwnResult,
  type JudgedMessage,
  judgeLimits,
  type Questions,
} from './authentication-results.ts';
export { createDkimSigner, type DkimSigner, type SignerLimits, signerLimits } from './dkim-signer.ts';
export type { SignedBy } from './mailauth.ts';
