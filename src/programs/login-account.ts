/**
 * Whose mail a login may read, when its password is right: by users/poppasswd where there is that file, which then counts
 * alone, and by the system's passwords where there is none.
 */
import { readWhole } from '../control/index.ts';
import { aliasNameDefault, createUsers, systemAccounts } from '../local/users/index.ts';
import {
  findLogin,
  isPossibleName,
  isSystemPassword,
  type Login,
  type PasswordEntry,
  parsePasswordFile,
} from '../serve/passwords/index.ts';
import { type ByteString, errorText, printable, type System } from '../system/index.ts';

export interface LoginAccount {
  /** What it becomes known as: the name of the login. */
  readonly name: ByteString;
  readonly uid: number;
  readonly gid: number;
  readonly home: ByteString;
  readonly shell: ByteString;
}

const shellDefault = '/bin/sh';

export function passwordFilePath(home: ByteString): ByteString {
  return `${home}/users/poppasswd`;
}

/** Throws, with the file's name, when it cannot be used; undefined when there is none. */
export function readPasswordFile(system: System, home: ByteString): readonly PasswordEntry[] | undefined {
  const path = passwordFilePath(home);
  const text = readWhole(system, path);
  if (text === undefined) return undefined;
  try {
    return parsePasswordFile(text);
  } catch (error) {
    throw new Error(`${path}: ${errorText(error)}`, { cause: error });
  }
}

async function systemAccount(name: ByteString): Promise<LoginAccount | undefined> {
  const found = await systemAccounts().find(name);
  return found && { ...found, shell: found.shell || shellDefault };
}

/** Who gets the mail for the name itself. An address that is only handled by somebody is not all of that one's mail. */
async function mailbox(home: ByteString, name: ByteString): Promise<LoginAccount> {
  const users = createUsers({ home, accounts: systemAccounts() });
  try {
    const found = await users.find(name);
    if (!found.ok) throw new Error(found.answer.text.trimEnd());
    if (found.dash !== '' || found.extension !== '' || found.user === aliasNameDefault)
      throw new Error(`${printable(name)} is in users/poppasswd, but no user: name an account there`);
    return { name, uid: found.uid, gid: found.gid, home: found.home, shell: shellDefault };
  } finally {
    users.close();
  }
}

async function accountOf(system: System, home: ByteString, entry: PasswordEntry): Promise<LoginAccount> {
  const { name, user } = entry;
  if (system.uid !== 0) {
    // Everybody is the one who runs this.
    const gid = process.getgid?.() ?? 0;
    const own = entry.home || system.env('HOME') || '/';
    return { name, uid: system.uid, gid, home: own, shell: shellDefault };
  }
  if (user === '') return { ...(await mailbox(home, name)), ...(entry.home && { home: entry.home }) };
  const found = await systemAccount(user);
  if (found === undefined)
    throw new Error(
      `${printable(name)} in users/poppasswd has the account ${printable(user)}, which does not exist`,
    );
  return { ...found, name, ...(entry.home && { home: entry.home }) };
}

/** Undefined: it is refused. Throws when that cannot be known now. */
export async function findLoginAccount(
  system: System,
  home: ByteString,
  { user, password }: Login,
): Promise<LoginAccount | undefined> {
  if (!isPossibleName(user)) return undefined;
  const entries = readPasswordFile(system, home);
  if (entries !== undefined) {
    const entry = findLogin(entries, user, password);
    return entry && (await accountOf(system, home, entry));
  }
  if (system.uid !== 0)
    throw new Error(
      `only root can read the passwords of the system, and there is no ${passwordFilePath(home)}: qmail-poppasswd makes one`,
    );
  const account = await systemAccount(user);
  // Asked all the same, so that it takes its time.
  const fits = isSystemPassword(user, password, { now: system.now });
  // Whoever tries passwords of root's shall not be told which one is right.
  return fits && account?.uid !== 0 ? account : undefined;
}
