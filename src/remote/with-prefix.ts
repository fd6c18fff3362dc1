/** A message with bytes before it, such as header fields that are added when it is sent. */
import type { MessageBody } from '../mail/index.ts';

/** `prefix`: whole lines that end with LF. */
export function withPrefix(prefix: Uint8Array, body: MessageBody): MessageBody {
  return {
    sizeBytes: prefix.length + body.sizeBytes,
    *chunks() {
      if (prefix.length > 0) yield prefix;
      yield* body.chunks();
    },
  };
}
