/** What the process of a hub under test is asked, and answers. */

export type HubRequest =
  /** Starts a hub; value: the port that it listens on. */
  | { readonly kind: 'open'; readonly home: string; readonly delivery: string }
  /** Waits until so many messages are left in the queue. What waits for its time is made due now and then. */
  | { readonly kind: 'drain'; readonly left: number }
  /** Reads the control files again. */
  | { readonly kind: 'reload' }
  /** Stops the hub, and leaves the process running. */
  | { readonly kind: 'stop' }
  /** The process kills itself when the hub reports this the next time, before a line of it can be written. */
  | { readonly kind: 'dieAt'; readonly event: string }
  /** What the hub has logged since it was opened. */
  | { readonly kind: 'lines' };

export interface HubCall {
  readonly number: number;
  readonly request: HubRequest;
}

export type HubReply =
  | { readonly number: number; readonly value: number | readonly string[] }
  | { readonly number: number; readonly problem: string }
  /** The store's thread is gone. */
  | { readonly lost: string };
