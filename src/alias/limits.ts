/** The limits of alias files, tables and lists. */
export const aliasLimits = {
  /** Bytes of a recipient address, as fastforward has it. */
  addressBytesMax: 800,
  /** Bytes of one line of a list or a .forward file, of one command, and of one target. */
  commandBytesMax: 65_536,
  /** Bytes of a line of an alias file with the lines that continue it. */
  aliasBytesMax: 4 * 1024 * 1024,
  /** Bytes of all commands of one target: what the reader of the database takes. */
  instructionBytesMax: 16 * 1024 * 1024 - 1024,
  /** Addresses, lists and programs that are met while one message is forwarded. */
  entriesMax: 1_000_000,
} as const;
