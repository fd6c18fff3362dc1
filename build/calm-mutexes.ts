/**
 * Switches off a check for programmers in Node's executable. Node 26 is built with Abseil's deadlock detection for
 * debugging left on: each mutex that is locked goes through a graph of all mutexes, which costs a megabyte of private
 * memory from the first lock on, and time at every one. The mode is a variable; this writes Abseil's `kIgnore`, which
 * a build without debugging starts with.
 */
import { findVariable } from './elf.ts';

/** absl/synchronization/mutex.cc: `static std::atomic<OnDeadlockCycle> synch_deadlock_detection(...)`. */
const variable = '_ZN4absl12_GLOBAL__N_124synch_deadlock_detectionE.0';

/** absl/synchronization/mutex.h: `enum class OnDeadlockCycle { kIgnore, kReport, kAbort }`. */
const ignore = 0;
const abort = 2;

/** Changes `file` in place, before it is stripped. Throws when this Node is not the one that was looked at. */
export function calmMutexes(file: Buffer): void {
  const offset = findVariable(file, variable);
  if (offset === undefined) throw new Error(`Node's executable has no ${variable}`);
  const mode = file.readInt32LE(offset);
  if (mode !== abort) throw new Error(`${variable} is ${mode} in Node's executable, not ${abort}`);
  file.writeInt32LE(ignore, offset);
}
