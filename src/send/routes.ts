/** The control files that decide where recipients go. */
import type { Control } from '../control/index.ts';
import { type ByteString, lowerAscii } from '../system/index.ts';

export interface Routes {
  readonly locals: ReadonlySet<ByteString>;
  readonly percenthack: ReadonlySet<ByteString>;
  readonly envnoathost: ByteString;
  /** Prefixes by address, domain, .suffix or '' in lower case; an empty prefix is an exception. */
  readonly virtualdomains: ReadonlyMap<ByteString, ByteString>;
}

/** Lines of the form `key:value`, split at the first colon; others are ignored, and the last of a key counts. */
function parseMap(lines: readonly ByteString[]): ReadonlyMap<ByteString, ByteString> {
  const map = new Map<ByteString, ByteString>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon >= 0) map.set(lowerAscii(line.slice(0, colon)), line.slice(colon + 1));
  }
  return map;
}

/** control/locals counts as holding control/me when it is missing; an empty file makes nothing local. */
export function readRoutes(control: Control): Routes {
  const locals = control.list('locals') ?? [control.lineOrMe('me')];
  return {
    locals: new Set(locals.map(lowerAscii)),
    percenthack: new Set((control.list('percenthack') ?? []).map(lowerAscii)),
    envnoathost: control.lineOrMe('envnoathost'),
    virtualdomains: parseMap(control.list('virtualdomains') ?? []),
  };
}
