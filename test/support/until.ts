/** Waiting for a condition that no event announces. */
import { setTimeout as pause } from 'node:timers/promises';

const timeoutMsDefault = 30_000;
const pollMsDefault = 10;

/** Resolves with the first answer that is not undefined. Rejects with what was waited for after the timeout. */
export async function until<Value>(
  what: string,
  ask: () => Value | undefined | Promise<Value | undefined>,
  timeoutMs: number = timeoutMsDefault,
  pollMs: number = pollMsDefault,
): Promise<Value> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`after ${timeoutMs} ms still waiting for ${what}`);
    await pause(pollMs);
  }
}
