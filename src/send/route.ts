/**
 * Where a recipient goes: qmail-send's rewriting (qmail-send(8)). envnoathost completes an address without a host,
 * percenthack is undone, control/locals makes a domain local, and control/virtualdomains gives one to a local user.
 */
import { splitAddress } from '../mail/index.ts';
import { type ByteString, lowerAscii } from '../system/index.ts';
import type { Channel } from './retry.ts';
import type { Routes } from './routes.ts';

export interface Route {
  readonly channel: Channel;
  /** The address to deliver to; a recipient of a virtual domain has its prefix. */
  readonly address: ByteString;
}

/**
 * The prefix for an address of a virtual domain: the first entry for the address itself, its domain, each part of
 * that from a dot on, and the catch-all. An empty prefix is an exception, and no other entry is looked for.
 */
export function virtualPrefix(routes: Routes, address: ByteString): ByteString | undefined {
  const key = lowerAscii(address);
  const domain = splitAddress(key).domain ?? '';
  const direct = routes.virtualdomains.get(key) ?? routes.virtualdomains.get(domain);
  if (direct !== undefined) return direct || undefined;
  for (let dot = domain.indexOf('.'); dot >= 0; dot = domain.indexOf('.', dot + 1)) {
    const suffix = routes.virtualdomains.get(domain.slice(dot));
    if (suffix !== undefined) return suffix || undefined;
  }
  return routes.virtualdomains.get('') || undefined;
}

export function route(routes: Routes, recipient: ByteString): Route {
  let address = recipient.includes('@') ? recipient : `${recipient}@${routes.envnoathost}`;
  for (;;) {
    const { local, domain = '' } = splitAddress(address);
    const percent = local.lastIndexOf('%');
    if (percent < 0 || !routes.percenthack.has(lowerAscii(domain))) break;
    address = `${local.slice(0, percent)}@${local.slice(percent + 1)}`;
  }
  if (routes.locals.has(lowerAscii(splitAddress(address).domain ?? ''))) return { channel: 'local', address };
  const prefix = virtualPrefix(routes, address);
  if (prefix !== undefined) return { channel: 'local', address: `${prefix}-${address}` };
  return { channel: 'remote', address };
}

/** A recipient as its sender knows it, for a bounce: without the prefix of its virtual domain. */
export function withoutPrefix(routes: Routes, address: ByteString): ByteString {
  const { domain = '' } = splitAddress(address);
  const prefix = virtualPrefix(routes, `@${domain}`);
  return prefix !== undefined && address.startsWith(`${prefix}-`)
    ? address.slice(prefix.length + 1)
    : address;
}
