/** What a hub that root starts needs on its private host: accounts, homes, control files, a queue. */
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { PrivateHost } from './private-host.ts';

export const groupIds = { qmail: 7790, nofiles: 7791 } as const;

/** The users of the hub, with their groups. */
export const hubIds = {
  alias: { uid: 7790, gid: groupIds.nofiles },
  qmaild: { uid: 7791, gid: groupIds.nofiles },
  qmaill: { uid: 7792, gid: groupIds.nofiles },
  qmailp: { uid: 7793, gid: groupIds.nofiles },
  qmailq: { uid: 7794, gid: groupIds.qmail },
  qmailr: { uid: 7795, gid: groupIds.qmail },
} as const;

const firstUid = 8000;

export function uidOf(index: number): number {
  return firstUid + index;
}

/** Puts entries into a file of accounts, in place of those of the same names. */
function addEntries(path: string, entries: readonly string[]): void {
  const nameOf = (entry: string) => entry.split(':')[0] ?? '';
  const names = new Set(entries.map(nameOf));
  const others = readFileSync(path, 'latin1')
    .split('\n')
    .filter((entry) => entry !== '' && !names.has(nameOf(entry)));
  writeFileSync(path, [...others, ...entries, ''].join('\n'));
}

/** The accounts of a hub, and ordinary users, who get uids from 8000 on, a group each, and a home in /home. */
export function makeAccounts({ root }: PrivateHost, users: readonly string[]): void {
  const groups = [
    ...Object.entries(groupIds).map(([name, gid]) => `${name}:x:${gid}:`),
    ...users.map((name, index) => `${name}:x:${uidOf(index)}:`),
  ];
  const accounts = [
    ...Object.entries(hubIds).map(([name, { uid, gid }]) => {
      const home = name === 'alias' ? '/var/qmail/alias' : '/var/qmail';
      return `${name}:x:${uid}:${gid}::${home}:/bin/false`;
    }),
    ...users.map((name, index) => `${name}:x:${uidOf(index)}:${uidOf(index)}::/home/${name}:/bin/sh`),
  ];
  addEntries(`${root}/etc/group`, groups);
  addEntries(`${root}/etc/passwd`, accounts);
}

function makeOwned(path: string, uid: number, gid: number, mode: number): void {
  mkdirSync(path, { recursive: true });
  chownSync(path, uid, gid);
  chmodSync(path, mode);
}

/** A home with a Maildir. */
export function makeHome({ root }: PrivateHost, home: string, uid: number, gid = uid): void {
  for (const name of ['', '/Maildir', '/Maildir/tmp', '/Maildir/new', '/Maildir/cur']) {
    makeOwned(`${root}${home}${name}`, uid, gid, name === '' ? 0o755 : 0o700);
  }
}

/** Nobody listens there. */
const nowhere = ':127.0.0.1:9\n';

/** /var/qmail with control files and an empty queue. */
export function makeQmail(host: PrivateHost, controls: Readonly<Record<string, string>>): void {
  const top = `${host.root}/var/qmail`;
  mkdirSync(`${top}/control`, { recursive: true });
  for (const [name, text] of Object.entries({
    me: 'hub.test\n',
    locals: 'hub.test\n',
    smtproutes: nowhere,
    ...controls,
  })) {
    writeFileSync(`${top}/control/${name}`, text);
  }
  makeOwned(`${top}/queue`, hubIds.qmailq.uid, hubIds.qmailq.gid, 0o711);
  makeOwned(`${top}/pop3`, hubIds.qmaild.uid, hubIds.qmaild.gid, 0o700);
  makeOwned(`${top}/queue/lock`, hubIds.qmailr.uid, hubIds.qmailr.gid, 0o755);
  makeHome(host, '/var/qmail/alias', hubIds.alias.uid, hubIds.alias.gid);
}
