/**
 * users/poppasswd: passwords for mail that are no passwords of the system. One line for each who may log in:
 *
 *     line = name ":" hash [ ":" [ user ] [ ":" home ] ]        hash: see scrypt-hash.ts
 *
 * `user` is the account that a login is, `home` the directory in which its Maildir is. Empty lines and those that begin with
 * "#" say nothing.
 */
import { parseList } from '../../control/index.ts';
import type { ByteString } from '../../system/index.ts';
import { fitsScryptHash, isScryptHash, makeScryptHash } from './scrypt-hash.ts';

export interface PasswordEntry {
  readonly name: ByteString;
  readonly hash: ByteString;
  /** Empty: whoever gets the mail for this name. */
  readonly user: ByteString;
  /** Empty: the home of the account. */
  readonly home: ByteString;
}

export const nameBytesMax = 255;

/** Whether it can stand in the file, or on a command line. */
export function isPossibleName(name: ByteString): boolean {
  return (
    name !== '' &&
    name.length <= nameBytesMax &&
    !name.startsWith('#') &&
    ![...name].some((char) => char === ':' || char <= ' ' || char === '\x7f')
  );
}

/** Throws for a line that makes no sense: what an operator has written and nobody heeds would be no password at all. */
export function parsePasswordFile(text: ByteString): readonly PasswordEntry[] {
  return parseList(text).map((line, index) => {
    const [name = '', hash = '', user = '', home = '', ...more] = line.split(':');
    const wrong = !isPossibleName(name)
      ? 'this is no name'
      : !isScryptHash(hash)
        ? 'its second field is no hash of qmail-poppasswd'
        : home !== '' && !home.startsWith('/')
          ? 'its home does not begin with /'
          : more.length > 0
            ? 'it has more than four fields'
            : undefined;
    if (wrong !== undefined) throw new Error(`entry ${index + 1} is not understood: ${wrong}`);
    return { name, hash, user, home };
  });
}

export function formatEntry({ name, hash, user, home }: PasswordEntry): ByteString {
  const fields = [name, hash, user, home];
  while (fields.at(-1) === '') fields.pop();
  return `${fields.join(':')}\n`;
}

let decoy: string | undefined;

/** The entry of who has this password. For a name that is not there it takes as long as for one that is. */
export function findLogin(
  entries: readonly PasswordEntry[],
  name: ByteString,
  password: ByteString,
): PasswordEntry | undefined {
  const entry = entries.find((one) => one.name === name);
  decoy ??= entry === undefined ? makeScryptHash('') : undefined;
  const fits = fitsScryptHash(password, entry?.hash ?? decoy ?? '');
  return fits ? entry : undefined;
}
