/** What a check of the store finds, and what makes it good again. */

/** How many recipients are in each state that the store knows. */
export interface StateCounts {
  readonly fresh: number;
  readonly waiting: number;
  readonly held: number;
  readonly failed: number;
}

/** A change that loses nothing that could still be delivered. */
export type Repair =
  | { readonly kind: 'reindex' }
  | { readonly kind: 'createIndex'; readonly sql: string }
  | { readonly kind: 'recount'; readonly messageId: number; readonly open: number; readonly failed: number }
  | { readonly kind: 'deleteMessage'; readonly messageId: number }
  | { readonly kind: 'deleteRecipients'; readonly messageId: number }
  | { readonly kind: 'deleteChunks'; readonly messageId: number }
  | { readonly kind: 'deleteIncoming'; readonly messageId: number }
  /** Of a recipient in no state that is known: it is tried at once. */
  | { readonly kind: 'retryRecipient'; readonly recipientId: number }
  | { readonly kind: 'setTally'; readonly messages: number; readonly states: StateCounts }
  | { readonly kind: 'setNextId'; readonly nextId: number }
  | { readonly kind: 'forgetStrangeMemory' };

export interface Finding {
  /** One line for people. */
  readonly text: string;
  /** Undefined when only a person can decide what is right. */
  readonly repair?: Repair;
}
