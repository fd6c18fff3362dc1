/** What is in a store, whole: for the small stores of the model-based test. */
import assert from 'node:assert/strict';
import {
  keysPerMessage,
  type QueuedMessage,
  type QueuedRecipient,
  type RecipientState,
  type Store,
} from '../../src/queue/index.ts';
import { type ByteString, textOf } from '../../src/system/index.ts';
import { bodyOf, parseQsbmf } from '../support/qsbmf.ts';

export interface StoredMessage extends QueuedMessage {
  readonly recipients: readonly QueuedRecipient[];
  readonly firstKey: number;
  /** For a bounce, the recipients that it names. */
  readonly failures: readonly ByteString[];
  /** The message without the Received field of the queue. */
  text(): ByteString;
}

function textIn(store: Store, message: QueuedMessage): ByteString {
  let text = '';
  for (const chunk of store.body(message).chunks()) text += textOf(chunk);
  return text.slice(text.indexOf('\n') + 1);
}

export interface Contents {
  readonly messages: readonly StoredMessage[];
  /** Messages of which there are chunks and no envelope. */
  readonly incoming: number;
}

/** Also checks that the counts say what counting says. */
export function readContents(store: Store): Contents {
  const states: Record<RecipientState, number> = { fresh: 0, waiting: 0, held: 0, failed: 0 };
  const stored = [...store.messages()].map((message): StoredMessage => {
    const recipients = [...store.recipients(message.id)];
    const failed = recipients.filter(({ state }) => state === 'failed').length;
    assert.deepEqual([message.failed, message.open], [failed, recipients.length - failed]);
    for (const { state } of recipients) states[state] += 1;
    const isBounce = message.caller === 'bounce';
    return {
      ...message,
      recipients,
      firstKey: message.id * keysPerMessage,
      failures: isBounce
        ? parseQsbmf(bodyOf(textIn(store, message))).recipients.map(({ address }) => address)
        : [],
      text: () => textIn(store, message),
    };
  });
  const { oldestMs, incoming, ...counts } = store.counts();
  assert.deepEqual(counts, { messages: stored.length, ...states });
  assert.equal(oldestMs, stored[0]?.birthMs);
  return { messages: stored, incoming };
}
