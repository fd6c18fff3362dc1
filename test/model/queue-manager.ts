/** The queue manager against the model of its contract: any commands in any order, then everything must come to its end. */
import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { memoryDirectory } from '../support/memory-directory.ts';
import { someCommands } from './commands.ts';
import { startPlay } from './play.ts';

export interface QueueManagerRuns {
  readonly runs: number;
  readonly commandsMax: number;
  readonly seed?: number;
}

export async function queueManager({ runs, commandsMax, seed }: QueueManagerRuns): Promise<void> {
  const directory = memoryDirectory();
  let plays = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.commands([...someCommands], { maxCommands: commandsMax, size: 'max' }),
      async (commands) => {
        plays += 1;
        const home = `${directory}/${plays}`;
        const play = await startPlay(home);
        try {
          await fc.asyncModelRun(() => ({ model: { submissions: [] }, real: play }), commands);
          await play.finish();
        } finally {
          await play.end();
          rmSync(home, { recursive: true, force: true });
        }
      },
    ),
    { numRuns: runs, ...(seed === undefined ? {} : { seed }), endOnFailure: false },
  );
}
