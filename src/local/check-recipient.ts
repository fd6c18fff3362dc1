/**
 * Whether there is such a recipient: asked while a client waits, so that nobody gets a bounce of what another has sent in
 * their name. It is looked at as root whether a .qmail file is there and nothing else; none is opened. Whatever cannot be
 * told passes: the delivery will say.
 */
import { lstat } from 'node:fs/promises';
import { splitAddress } from '../mail/index.ts';
import { type Answer, type ByteString, errorCode } from '../system/index.ts';
import { nativePath } from '../system/node/index.ts';
import { qmailFileNames } from './qmail-file.ts';
import type { Users } from './users/index.ts';

/** Names that are looked at for one address; one that would need more passes. */
export const checkedNamesMax = 20;

const known: Answer = { verdict: 'K', text: '' };

const unknown: Answer = { verdict: 'D', text: 'Sorry, no mailbox here by that name. (#5.1.1)\n' };

const absentCodes = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'];

/** Whether the name itself is there, wherever it may lead. */
async function isThere(path: ByteString): Promise<boolean> {
  try {
    await lstat(nativePath(path));
    return true;
  } catch (error) {
    return !absentCodes.includes(errorCode(error));
  }
}

/** K: it is there, or may be. D: it is not. Z: that cannot be told now. `recipient`: after rewriting. */
export async function checkRecipient(users: Users, recipient: ByteString): Promise<Answer> {
  const found = await users.find(splitAddress(recipient).local);
  if (!found.ok) return found.answer;
  const { home, dash, extension } = found;
  // Without an extension the default delivery is for whom there is no file.
  if (dash === '') return known;
  const names = qmailFileNames(dash, extension);
  if (names.length > checkedNamesMax) return known;
  for (const name of names) if (await isThere(`${home}/${name}`)) return known;
  return unknown;
}
