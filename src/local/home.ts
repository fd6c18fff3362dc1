/**
 * A user's home and what its owner allows (qmail-local(8), dot-qmail(5)). The look-ups are synchronous: the kernel
 * has these few entries at hand, and each trip to the thread pool would cost more than all of them.
 */
import { type Stats, statSync } from 'node:fs';
import { type Answer, type ByteString, errorCode, lowerAscii } from '../system/index.ts';
import { nativePath } from '../system/node/index.ts';
import { deferral, reasonOf } from './report.ts';

/** Mode bits that neither a home nor a .qmail file may have: anybody may write. */
const forbiddenMode = 0o002;

/** The owner of a sticky home is editing and wants nothing delivered. */
const stickyMode = 0o1000;

/** A stat that fails with one of these says that there is no such file; any other failure may pass. */
const absentCodes = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'];

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

/**
 * The .qmail files that may hold the instructions for an extension, the first that exists counts: the exact one, then
 * for each shorter beginning that ends with "-", the longest first, and last for the empty one, its default.
 */
export function qmailFileNames(dash: ByteString, extension: ByteString): readonly ByteString[] {
  const safe = lowerAscii(extension).replaceAll('.', ':');
  const names = [`.qmail${dash}${safe}`];
  for (let end = safe.length; end >= 0; end -= 1) {
    if (end === 0 || safe.charAt(end - 1) === '-') names.push(`.qmail${dash}${safe.slice(0, end)}default`);
  }
  return names;
}

export type QmailFile =
  | { readonly state: 'absent' }
  | { readonly state: 'found'; readonly name: ByteString; readonly sizeBytes: number }
  | { readonly state: 'refused'; readonly answer: Answer };

/** What is no regular file is not there, as in qmail. */
export function findQmailFile(home: ByteString, dash: ByteString, extension: ByteString): QmailFile {
  for (const name of qmailFileNames(dash, extension)) {
    let status: Stats | undefined;
    try {
      status = statSync(nativePath(`${home}/${name}`), { throwIfNoEntry: false });
    } catch (error) {
      if (absentCodes.includes(errorCode(error))) continue;
      return { state: 'refused', answer: deferral(`Unable to open ${name}: ${reasonOf(error)}. (#4.3.0)`) };
    }
    if (!status?.isFile()) continue;
    if ((status.mode & forbiddenMode) !== 0) {
      return { state: 'refused', answer: deferral(`Uh-oh: ${name} is writable. (#4.7.0)`) };
    }
    return { state: 'found', name, sizeBytes: status.size };
  }
  return { state: 'absent' };
}
