/** What an installation may touch on a host: to be compared before it and after its removal. */
import type { PrivateHost } from './private-host.ts';

/** Names, owners, modes, links, sizes of files, users, groups and diversions, line by line. */
export type HostState = readonly string[];

/** `paths` are looked at to the last file, other places two levels deep. */
export async function hostState(
  host: Pick<PrivateHost, 'sh'>,
  ...paths: readonly string[]
): Promise<HostState> {
  const said = await host.sh(`
    find /etc /usr/bin /usr/sbin /usr/lib /var /srv /home -xdev -maxdepth 2 -printf '%p %y %m %U:%G %l\\n' |
      grep -vE '^/etc/(passwd|group|shadow|gshadow|subuid|subgid)- |^/var/(log|cache|tmp|lib|backups)/'
    find ${paths.join(' ')} -printf '%p %y %m %U:%G %l\\n' 2>/dev/null || :
    find ${paths.join(' ')} -type f -printf '%p has %s bytes\\n' 2>/dev/null || :
    cat /etc/passwd /etc/group /etc/shadow /etc/gshadow
    dpkg-divert --list 2>/dev/null || :`);
  return [...new Set(said.split('\n'))].sort();
}

/** What is in one of two states only: `- ` was there, `+ ` is new. */
export function changes(before: HostState, after: HostState): readonly string[] {
  const [old, now] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !now.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ];
}
