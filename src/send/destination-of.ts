/** What a destination is counted by: the domain, or on this host the user, without the extension. */
import type { Route } from './route.ts';

export function destinationOf({ channel, address }: Route): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1).toLowerCase();
  if (channel === 'remote') return domain;
  const [user = ''] = address.slice(0, at).toLowerCase().split('-');
  return `${user}@${domain}`;
}
