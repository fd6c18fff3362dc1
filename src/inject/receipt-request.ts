/**
 * Whether a message asks for a receipt from an address: the Notice-Requested-Upon-Delivery-To field, which holds
 * addresses as To does (qreceipt(1)). The header is held in memory, within the limits of qmail-inject.
 */
import { addressText, createHeaderReader, fieldName, type HeaderState, rewriteField } from '../mail/index.ts';
import type { ByteString } from '../system/index.ts';
import { headerLimits } from './inject.ts';

const requestField = 'notice-requested-upon-delivery-to';

export type ReceiptRequest =
  | {
      readonly ok: true;
      readonly isRequested: boolean;
      /** The whole field with its line end; the last one counts. */
      readonly messageId: ByteString | undefined;
    }
  /** A request that cannot be parsed. */
  | { readonly ok: false; readonly field: ByteString };

function fieldsOf(pieces: Iterable<Uint8Array>): readonly ByteString[] {
  const reader = createHeaderReader(headerLimits);
  let state: HeaderState = { state: 'more' };
  for (const piece of pieces) {
    state = reader.feed(piece);
    if (state.state !== 'more') break;
  }
  if (state.state === 'more') state = reader.end();
  // Nobody needs a receipt for a header of megabytes.
  return state.state === 'complete' ? state.fields : [];
}

/** `address` must be named as it is, byte for byte. Nothing is completed. */
export function readReceiptRequest(pieces: Iterable<Uint8Array>, address: ByteString): ReceiptRequest {
  let isRequested = false;
  let messageId: ByteString | undefined;
  for (const field of fieldsOf(pieces)) {
    const name = fieldName(field);
    if (name === 'message-id') messageId = field;
    if (name !== requestField) continue;
    const parsed = rewriteField(field, (tokens) => {
      isRequested ||= addressText(tokens) === address;
      return tokens;
    });
    if (parsed === undefined) return { ok: false, field };
  }
  return { ok: true, isRequested, messageId };
}
