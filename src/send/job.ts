/** What the sender asks of whoever delivers. */
import type { QueuedMessage, QueuedRecipient } from '../queue/index.ts';
import type { Answer, ByteString } from '../system/index.ts';

/** One recipient to deliver to. */
export interface Job {
  readonly message: QueuedMessage;
  readonly recipient: QueuedRecipient;
  /** The envelope sender for this recipient. */
  readonly sender: ByteString;
  /** The recipient after rewriting. */
  readonly address: ByteString;
}

/** Carries out a job. Rejections count as temporary failures. */
export type Deliver = (job: Job) => Promise<Answer>;
