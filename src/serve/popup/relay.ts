/** Carries a session between a client and the program that serves it, and holds no more of it than a piece. */
import type { Duplex } from 'node:stream';
import type { ChainSession } from './chain.ts';

/** Resolves when both sides are done, one is gone, or nothing has come for so long. `said`: what the client has said already. */
export function relay(
  client: Duplex,
  { input, output }: Pick<ChainSession, 'input' | 'output'>,
  said: Uint8Array,
  idleMs: number,
): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(idle);
      client.destroy();
      input.destroy();
      output.destroy();
      resolve();
    };
    const idle = setTimeout(finish, idleMs);
    const heard = () => idle.refresh();
    for (const stream of [client, input, output]) stream.on('error', finish);
    client.on('data', heard).once('close', finish);
    output.on('data', heard);
    if (said.length > 0) input.write(said);
    client.pipe(input);
    output.pipe(client, { end: false });
    // The last words of the program are out before the connection ends.
    output.once('end', () => client.end(() => setImmediate(finish)));
    output.once('close', () => {
      if (!output.readableEnded) finish();
    });
  });
}
