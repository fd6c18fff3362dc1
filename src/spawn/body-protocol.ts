/** What both ends of the socket know from which messages are fetched (body-listener.ts). */

export const bodyFrame = { fetch: 1, piece: 2, end: 3, failed: 4 } as const;

/** Bytes of a token, which is written in hexadecimal digits: nobody guesses one. */
export const tokenBytes = 32;

export function bodySocketPath(queueDirectory: string): string {
  return `${queueDirectory}/body`;
}
