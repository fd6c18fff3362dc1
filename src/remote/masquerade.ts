/**
 * Gives senders that the world would refuse, such as root@box.local, an address that it knows (masquerade-rules.ts): in the
 * envelope and in the header fields that say who has sent the message or who is to be answered. What stood there is kept in
 * X-Original fields at the header's end. The body passes as it is.
 */
import type { Control } from '../control/index.ts';
import {
  addressText,
  fieldName,
  quoteAddress,
  readMessageHeader,
  rewriteField,
  type Token,
  tokenise,
} from '../mail/index.ts';
import { type ByteString, printable } from '../system/index.ts';
import { type MasqueradeRules, readMasqueradeRules } from './masquerade-rules.ts';
import type { Prepare } from './outgoing.ts';

/** Who has sent a message, and who is to be answered. */
const senderFields = new Set([
  ...['from', 'sender', 'reply-to', 'return-receipt-to', 'disposition-notification-to', 'errors-to'],
  ...['resent-from', 'resent-sender', 'resent-reply-to'],
]);

const originalPrefix = 'X-Original-';

/** A field with other addresses; undefined when nothing changes, or it cannot be parsed. */
function rewritten(field: ByteString, { rewrite }: MasqueradeRules): ByteString | undefined {
  let isChanged = false;
  const result = rewriteField(field, (tokens): readonly Token[] => {
    const address = addressText(tokens);
    const instead = rewrite(address);
    if (instead === address) return tokens;
    isChanged = true;
    return tokenise(quoteAddress(instead)) ?? tokens;
  });
  return isChanged ? result : undefined;
}

/** Reads control/masquerade for each message. A rule that cannot be understood defers it. */
export function createMasquerade(control: Control): Prepare {
  return async (outgoing) => {
    const rules = readMasqueradeRules(control);
    if (rules.isEmpty) return outgoing;
    const sender = outgoing.sender === '' ? '' : rules.rewrite(outgoing.sender);
    const kept: ByteString[] = [];
    if (sender !== outgoing.sender)
      kept.push(`${originalPrefix}Envelope-From: <${printable(quoteAddress(outgoing.sender))}>\n`);
    const header = readMessageHeader(outgoing.body);
    const fields = (header?.fields ?? []).map((field) => {
      const changed = senderFields.has(fieldName(field)) ? rewritten(field, rules) : undefined;
      if (changed === undefined) return field;
      kept.push(`${originalPrefix}${field}`);
      return changed;
    });
    if (kept.length === 0) return outgoing;
    return { ...outgoing, sender, body: header?.withFields([...fields, ...kept]) ?? outgoing.body };
  };
}
