/** What the name of a header field means to qmail-inject. */

/** Addresses that a message goes to, unless it is resent. */
export const recipientFields: ReadonlySet<string> = new Set(['to', 'cc', 'bcc', 'apparently-to']);

/** Addresses that a resent message goes to. */
export const resentRecipientFields: ReadonlySet<string> = new Set(['resent-to', 'resent-cc', 'resent-bcc']);

/** Addresses that are completed and that nothing is sent to. */
export const senderFields: ReadonlySet<string> = new Set([
  'sender',
  'from',
  'reply-to',
  'return-receipt-to',
  'errors-to',
  'resent-sender',
  'resent-from',
  'resent-reply-to',
]);

/** Any of these says that the message is resent. */
export const resentMarks: ReadonlySet<string> = new Set([
  ...resentRecipientFields,
  'resent-sender',
  'resent-from',
  'resent-reply-to',
  'resent-date',
  'resent-message-id',
]);

/** Fields that do not leave. */
export const droppedFields: ReadonlySet<string> = new Set([
  'bcc',
  'resent-bcc',
  'return-path',
  'content-length',
]);
