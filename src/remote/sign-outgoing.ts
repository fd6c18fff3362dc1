/** Puts DKIM signatures on messages whose author's domain has keys here (dkim-keys.ts), over the text as it is sent. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createDkimSigner, type SignedBy } from '../authenticate/index.ts';
import type { Control } from '../control/index.ts';
import { type MessageBody, readMessageHeader } from '../mail/index.ts';
import { type ByteString, bytesOf, type System } from '../system/index.ts';
import { authorDomain } from './author-domain.ts';
import { findDkimKeys, hasDkimKeys } from './dkim-keys.ts';
import type { Prepare } from './outgoing.ts';
import { createWireText } from './wire-text.ts';
import { withPrefix } from './with-prefix.ts';

async function signatures(body: MessageBody, keys: readonly SignedBy[], nowMs: number): Promise<ByteString> {
  const signer = createDkimSigner();
  const wire = createWireText({ forData: false });
  for (const piece of body.chunks()) {
    signer.push(wire.push(piece));
    // A large message is read while others are sent.
    await nextTurn();
  }
  signer.push(wire.end());
  return signer.sign(keys, nowMs);
}

/**
 * A message of a domain without keys, or whose header names no author or is over the limits, goes as it is. A key that
 * cannot be used defers the message.
 */
export function createSigning(system: System, control: Control): Prepare {
  return async (outgoing) => {
    if (!hasDkimKeys(system, control)) return outgoing;
    const domain = authorDomain(readMessageHeader(outgoing.body)?.fields ?? []);
    const keys = domain === undefined ? [] : findDkimKeys(system, control, domain);
    if (keys.length === 0) return outgoing;
    const fields = await signatures(outgoing.body, keys, system.now());
    return { ...outgoing, body: withPrefix(bytesOf(fields), outgoing.body) };
  };
}
