/** Serves a maildrop over a connection, from the greeting that a login has earned to QUIT, or to the end of the client. */
import { bytesOf, concatBytes } from '../../system/index.ts';
import { createCommandLines, tooLong } from './command-lines.ts';
import type { Pop3Limits } from './limits.ts';
import type { Maildrop } from './maildrop.ts';
import { createTransaction } from './transaction.ts';

/** A connection, as this sees it. Both reject when the client is silent for too long, or gone. */
export interface Pop3Channel {
  /** The next bytes; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Resolves when the bytes may be used again. */
  write(bytes: Uint8Array): Promise<void>;
}

export interface ServeTransactionOptions {
  readonly channel: Pop3Channel;
  readonly maildrop: Maildrop;
  readonly limits: Pop3Limits;
}

/** `quit`: all was done that the client wanted. Otherwise nothing has changed in the maildrop. */
export type TransactionEnd = 'quit' | 'closed' | 'errors';

/** Short answers go out together while the client has said more. */
const togetherBytes = 4096;

function createOutput(channel: Pop3Channel) {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  async function flush(): Promise<void> {
    if (bytes === 0) return;
    const all = concatBytes(waiting);
    waiting = [];
    bytes = 0;
    await channel.write(all);
  }
  async function write(piece: Uint8Array): Promise<void> {
    if (piece.length > togetherBytes) {
      await flush();
      await channel.write(piece);
      return;
    }
    // It is good until the next is asked for only.
    waiting.push(piece.slice());
    bytes += piece.length;
    if (bytes > togetherBytes) await flush();
  }
  return { write, flush };
}

/** Rejects when the connection fails, or a message cannot be read to its end. */
export async function serveTransaction({
  channel,
  maildrop,
  limits,
}: ServeTransactionOptions): Promise<TransactionEnd> {
  const lines = createCommandLines(limits.commandBytesMax);
  const transaction = createTransaction(maildrop);
  const output = createOutput(channel);
  await output.write(bytesOf('+OK \r\n'));
  for (;;) {
    const line = lines.next();
    if (line === undefined) {
      await output.flush();
      const bytes = await channel.read();
      if (bytes === undefined) return 'closed';
      lines.feed(bytes);
      continue;
    }
    // Too long a line is none of the commands.
    for (const piece of transaction.answer(line === tooLong ? '' : line)) await output.write(piece);
    if (transaction.ended) {
      await output.flush();
      return 'quit';
    }
    if (transaction.errors >= limits.errorsMax) {
      await output.write(bytesOf('-ERR too many of these\r\n'));
      await output.flush();
      return 'errors';
    }
  }
}
