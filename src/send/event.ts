/** What happens to messages, as values. The log spells them in the words of qmail-log(5) or as JSON. */
import type { QueuedMessage, QueuedRecipient } from '../queue/index.ts';
import type { Answer, ByteString } from '../system/index.ts';
import type { Channel } from './retry.ts';

export type SendEvent =
  | { readonly event: 'new'; readonly message: QueuedMessage }
  /** The same submission again: it was accepted as message `before`, and `message` is not in the queue. */
  | { readonly event: 'repeated'; readonly message: QueuedMessage; readonly before: number }
  | {
      readonly event: 'start';
      readonly delivery: number;
      readonly message: QueuedMessage;
      readonly channel: Channel;
      readonly address: ByteString;
    }
  | {
      readonly event: 'delivery';
      readonly delivery: number;
      readonly message: QueuedMessage;
      readonly recipient: QueuedRecipient;
      readonly channel: Channel;
      readonly address: ByteString;
      readonly answer: Answer;
      /** Attempts so far, with this one. */
      readonly attempts: number;
      readonly durationMs: number;
      /** When it is tried again, for a deferral. */
      readonly nextMs: number | undefined;
    }
  | { readonly event: 'status'; readonly status: Status }
  | { readonly event: 'bounce'; readonly message: QueuedMessage; readonly qp: number }
  | { readonly event: 'triple-bounce'; readonly message: QueuedMessage }
  | { readonly event: 'end'; readonly message: QueuedMessage }
  | { readonly event: 'exiting' }
  /** `alert`: somebody must do something. */
  | { readonly event: 'warning' | 'alert' | 'notice'; readonly text: string };

export interface Status {
  readonly running: Readonly<Record<Channel, number>>;
  readonly limits: Readonly<Record<Channel, number>>;
  readonly exiting: boolean;
}

/** Takes events as they happen. */
export type Report = (event: SendEvent) => void;
