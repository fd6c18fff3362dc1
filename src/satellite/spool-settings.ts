/** The control files of the spool: where it is, and what it may hold. */
import { homeDirectory, openControl } from '../control/index.ts';
import { type ByteString, type System, SystemError } from '../system/index.ts';

export interface SpoolSettings {
  /** An absolute path. */
  readonly directory: ByteString;
  readonly bytesMax: number;
  readonly messagesMax: number;
  /** What is left free on its disk. */
  readonly freeBytes: number;
  /** A message that is older, and that no hub takes, is bounced. */
  readonly lifetimeMs: number;
  /** How long a message that a hub may have is offered to no other. */
  readonly patienceMs: number;
}

export const spoolDefaults = {
  spoolbytes: 1_073_741_824,
  spoolmessages: 1_000_000,
  spoolfree: 16_777_216,
  spoollifetime: 604_800,
  spoolpatience: 900,
} as const;

/** Undefined when control/spool is missing. Throws a SystemError when it cannot be read or is empty. */
export function readSpoolSettings(system: System): SpoolSettings | undefined {
  const control = openControl(system);
  const line = control.line('spool');
  if (line === undefined) return undefined;
  if (line === '') throw new SystemError('EINVAL', `${control.directory}/spool names no directory`);
  const limit = (name: keyof typeof spoolDefaults) => control.number(name, spoolDefaults[name]);
  return {
    directory: line.startsWith('/') ? line : `${homeDirectory(system)}/${line}`,
    bytesMax: limit('spoolbytes'),
    messagesMax: limit('spoolmessages'),
    freeBytes: limit('spoolfree'),
    lifetimeMs: limit('spoollifetime') * 1000,
    patienceMs: limit('spoolpatience') * 1000,
  };
}
