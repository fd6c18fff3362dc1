/**
 * A clock that moves only when a test says so, and the timers that go by it. While it is in force the global setTimeout
 * and clearTimeout are its own, so that what it runs is the real code with its real timers.
 */

export interface SimulatedTime {
  readonly nowMs: number;
  /** Lets time pass: runs each timer at its time, and waits after each for `settle`. */
  advance(ms: number, settle: () => Promise<void>): Promise<void>;
  /** Whether a timer is due now. */
  readonly isDue: boolean;
  /** A process ends, and its timers with it. */
  forgetTimers(): void;
  /** Gives the real timers back. */
  end(): void;
}

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

export function simulateTime(startMs: number): SimulatedTime {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  const timers = new Map<object, Timer>();
  let nowMs = startMs;

  function set(run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): object {
    const handle = {
      ref: () => handle,
      unref: () => handle,
      hasRef: () => true,
    };
    timers.set(handle, { atMs: nowMs + Math.max(ms, 0), run: () => run(...args) });
    return handle;
  }

  globalThis.setTimeout = set as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((handle: object) => timers.delete(handle)) as typeof clearTimeout;

  /** The earliest timer up to a time; of those of one time, the one that was set first. */
  function next(untilMs: number): object | undefined {
    let found: object | undefined;
    let foundMs = untilMs;
    for (const [handle, { atMs }] of timers) {
      if (atMs < foundMs || (atMs === foundMs && found === undefined)) {
        found = handle;
        foundMs = atMs;
      }
    }
    return found;
  }

  return {
    get nowMs() {
      return nowMs;
    },
    async advance(ms, settle) {
      const untilMs = nowMs + ms;
      for (let handle = next(untilMs); handle !== undefined; handle = next(untilMs)) {
        const timer = timers.get(handle);
        timers.delete(handle);
        if (timer === undefined) break;
        nowMs = Math.max(nowMs, timer.atMs);
        timer.run();
        await settle();
      }
      nowMs = untilMs;
    },
    get isDue() {
      return next(nowMs) !== undefined;
    },
    forgetTimers: () => timers.clear(),
    end() {
      globalThis.setTimeout = real.setTimeout;
      globalThis.clearTimeout = real.clearTimeout;
    },
  };
}
