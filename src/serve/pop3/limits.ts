/** What a client of POP3, and a Maildir, may take. */
export const pop3Limits = {
  /** Bytes of a command with its line end (RFC 2449 4 has 255; passwords may be longer). */
  commandBytesMax: 512,
  /** Commands in a session that are none, or cannot be carried out. */
  errorsMax: 100,
  /** How long a client may be silent, or not read what it asked for (RFC 1939 3: not less than ten minutes). */
  idleMs: 1_200_000,
  /** Messages that one session shows. */
  messagesMax: 200_000,
} as const;

export type Pop3Limits = { readonly [Name in keyof typeof pop3Limits]: number };
