/** A user's home and whether its owner lets anything be delivered there (qmail-local(8), dot-qmail(5)). */
import { type Stats, statSync } from 'node:fs';
import type { Answer, ByteString } from '../system/index.ts';
import { nativePath } from '../system/node/index.ts';
import { deferral, reasonOf } from './report.ts';

/** Mode bits that neither a home nor a .qmail file may have: anybody may write. */
export const forbiddenMode = 0o002;

/** The owner of a sticky home is editing and wants nothing delivered. */
const stickyMode = 0o1000;

export type Home =
  | { readonly ok: true; readonly sticky: boolean }
  | { readonly ok: false; readonly answer: Answer };

export function openHome(home: ByteString): Home {
  let status: Stats;
  try {
    // The dot asks for a directory that may be entered; without a name before it, it would be the root.
    status = statSync(nativePath(home === '' ? '' : `${home}/.`));
  } catch (error) {
    return { ok: false, answer: deferral(`Unable to switch to ${home}: ${reasonOf(error)}. (#4.3.0)`) };
  }
  if ((status.mode & forbiddenMode) !== 0) {
    return { ok: false, answer: deferral('Uh-oh: home directory is writable. (#4.7.0)') };
  }
  return { ok: true, sticky: (status.mode & stickyMode) !== 0 };
}

export function stickyHome(): Answer {
  return deferral('Home directory is sticky: user is editing his .qmail file. (#4.2.1)');
}
