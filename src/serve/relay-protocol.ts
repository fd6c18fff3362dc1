/**
 * How a network server of this host hands its messages to qmail-send: one connection for all of them, since a connection
 * and a proof for each would cost more than the message.
 *
 *     qmail-send:  nonce(text)                        answer(number, verdict text id) *
 *     server:      proven  *( begin(number, host received)  data(number, bytes) *
 *                             recipients(number, addresses) *  commit(number, sender) / abort(number) )
 *                          *( check(number, address) )
 *
 * The server makes the proof (proofs.ts) before it says `proven`, and must be the user that network servers run as: only
 * such a one is believed which host a message is from. `check` asks whether there is such a recipient, and is answered
 * with D if there is none.
 */

export const relayFrame = {
  nonce: 1,
  proven: 2,
  begin: 3,
  data: 4,
  recipients: 5,
  commit: 6,
  abort: 7,
  answer: 8,
  check: 9,
} as const;

export function relaySocketPath(queueDirectory: string): string {
  return `${queueDirectory}/relay`;
}
