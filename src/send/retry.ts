/** When a recipient is tried again: qmail-send's quadratic schedule. */
import type { Answer, ByteString } from '../system/index.ts';

export type Channel = 'local' | 'remote';

export const channels: readonly Channel[] = ['local', 'remote'];

/** Seconds by which the square root grows from one attempt to the next. */
const step: Readonly<Record<Channel, number>> = { local: 10, remote: 20 };

function integerRoot(value: number): number {
  return Math.floor(Math.sqrt(Math.max(0, value)));
}

/**
 * next = birth + (isqrt(now - birth) + step)^2, in seconds: 100, 400, 900 ... for local recipients, 400, 1600,
 * 3600 ... for remote ones.
 */
export function nextAttemptMs(birthMs: number, nowMs: number, channel: Channel): number {
  const ageSeconds = Math.floor((nowMs - birthMs) / 1000);
  return birthMs + (integerRoot(ageSeconds) + step[channel]) ** 2 * 1000;
}

/** Whether a message has used up its time, and an attempt that begins now is the last. In whole seconds, as above. */
export function isTooOld(birthMs: number, nowMs: number, lifetimeMs: number): boolean {
  return Math.floor(nowMs / 1000) > Math.floor((birthMs + lifetimeMs) / 1000);
}

/** What becomes of a deferral when a message has used up its time. `text`: what the last attempt reported. */
export function lastAnswer(text: ByteString): Answer {
  const tooOld = "I'm not going to try again; this message has been in the queue too long.\n";
  return { verdict: 'D', text: `${text}${tooOld}` };
}
