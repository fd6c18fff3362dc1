/** Where a recipient goes: qmail-send's rewriting, as far as control/locals, envnoathost and percenthack. */
import type { Control } from '../control/index.ts';
import { splitAddress } from '../mail/index.ts';
import { type ByteString, lowerAscii } from '../system/index.ts';
import type { Channel } from './retry.ts';

export interface Route {
  readonly channel: Channel;
  readonly address: ByteString;
}

export interface Routes {
  readonly locals: ReadonlySet<ByteString>;
  readonly percenthack: ReadonlySet<ByteString>;
  readonly envnoathost: ByteString;
}

/** control/locals counts as holding control/me when it is missing; an empty file makes nothing local. */
export function readRoutes(control: Control): Routes {
  const locals = control.list('locals') ?? [control.lineOrMe('me')];
  return {
    locals: new Set(locals.map(lowerAscii)),
    percenthack: new Set((control.list('percenthack') ?? []).map(lowerAscii)),
    envnoathost: control.lineOrMe('envnoathost'),
  };
}

export function route(routes: Routes, recipient: ByteString): Route {
  let address = recipient.includes('@') ? recipient : `${recipient}@${routes.envnoathost}`;
  for (;;) {
    const { local, domain = '' } = splitAddress(address);
    const percent = local.lastIndexOf('%');
    if (percent < 0 || !routes.percenthack.has(lowerAscii(domain))) {
      return { channel: routes.locals.has(lowerAscii(domain)) ? 'local' : 'remote', address };
    }
    address = `${local.slice(0, percent)}@${local.slice(percent + 1)}`;
  }
}
