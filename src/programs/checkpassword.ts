/** checkpassword: lets somebody in who has the right password, and runs a program as that user. */
import { homeDirectory } from '../control/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { dropPrivileges } from '../process/index.ts';
import { loginBytesMax, parseLogin } from '../serve/passwords/index.ts';
import { errorText, printable, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { becomeProgram, runAsProgram } from './become-program.ts';
import { findLoginAccount, type LoginAccount } from './login-account.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const exitRefused = 1;
const exitMisused = 2;
const exitTemporary = 111;

const manual: Manual = {
  name: 'checkpassword',
  section: 8,
  purpose: 'check a password and run a program as its owner',
  synopsis: ['[--keep N ...] PROGRAM [ARGUMENT ...]'],
  description: [
    'checkpassword reads on descriptor 3, to its end, a user name, a password and a timestamp, each with a NUL byte behind it. If the password is right it takes on the uid and gid of the account and no other groups, enters the home, sets USER, HOME and SHELL, and becomes PROGRAM, with nothing open but descriptors 0, 1 and 2. It is called by qmail-popup, and through qmail-pspawn by servers that are not root. Any program that does the same can take its place.',
    'With a file HOME/users/poppasswd, which qmail-poppasswd writes, the passwords in it count and no others: then the password of mail is none with which anybody could log in to the host. A login is the user who gets the mail for its name, as qmail-lspawn finds it, or the account that the file names; its home is that of the user or the one that the file names. A name without an account can be assigned one with qmail-newu.',
    'Without that file the passwords are those of the system (shadow(5)), of accounts that have one and have not ended. They are looked up by getent and compared by crypt(3), as perl offers it; both get the password on a pipe.',
    'Only root can do that. Started by another user, checkpassword knows the passwords in users/poppasswd alone, stays that user, and enters the home that the file names, or else $HOME.',
    'Nobody is let in as root: with passwords of the system the right one of root is answered as a wrong one. The timestamp is not used: the answers of APOP cannot be compared with passwords of which there is only a hash.',
    'From then on the exit code is that of PROGRAM.',
  ],
  options: [
    {
      name: 'keep',
      value: 'N',
      repeated: true,
      text: 'Descriptor N stays open for PROGRAM too, as Dovecot wants it of 4; then PROGRAM is started by this process, which waits for it.',
    },
  ],
  environment: [
    ['QMAILHOME', 'The directory that holds users/; /var/qmail without it.'],
    ['PATH', 'Where PROGRAM, getent and perl are looked for.'],
    ['HOME', 'The home of a login, when this does not run as root and users/poppasswd names none.'],
  ],
  exitCodes: [
    ['1', 'The user name or the password is wrong.'],
    ['2', 'It was misused: no PROGRAM, or nothing that makes sense on descriptor 3.'],
    ['111', 'It cannot be known now; the reason is on descriptor 2.'],
  ],
  limits: [['user name, password and timestamp', `${loginBytesMax} bytes, with their NUL bytes`]],
  bugs: [
    'A password of the system that has to be changed is good nevertheless.',
    'PROGRAM starts with SIGPIPE ignored.',
  ],
  seeAlso: ['qmail-popup(8)', 'qmail-pop3d(8)', 'qmail-poppasswd(8)', 'qmail-pspawn(8)', 'qmail-newu(8)'],
};

const loginDescriptor = 3;

/** Up to one byte more than there may be; undefined when the descriptor is none. */
function readLogin(system: System): Uint8Array | undefined {
  const bytes = new Uint8Array(loginBytesMax + 1);
  let length = 0;
  try {
    while (length < bytes.length) {
      const count = system.files.read(loginDescriptor, bytes.subarray(length));
      if (count === 0) break;
      length += count;
    }
    system.files.close(loginDescriptor);
  } catch {
    return undefined;
  }
  return bytes.subarray(0, length);
}

/** Answers the exit code of the program, if this process has one of its own left. */
async function becomeUser(
  { name, uid, gid, home, shell }: LoginAccount,
  words: readonly string[],
  kept: readonly number[],
): Promise<number> {
  if (uid === 0) throw new Error(`${printable(name)} is root, who does not read mail here`);
  if (process.getuid?.() !== uid) dropPrivileges({ name, uid, gid });
  process.chdir(nativeText(home));
  const env = { USER: nativeText(name), HOME: nativeText(home), SHELL: nativeText(shell) };
  return kept.length > 0 ? await runAsProgram(words, env, kept) : becomeProgram(words, env);
}

const keptMax = 20;

export const checkpassword: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    const words = parsed.ok ? parsed.line.operands.map(nativeText) : [];
    const kept = parsed.ok ? parsed.line.values('keep').map(Number) : [];
    const areDescriptors = kept.every(
      (one) => Number.isInteger(one) && one > loginDescriptor && one <= keptMax,
    );
    if (!parsed.ok || words.length === 0 || !areDescriptors) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitMisused;
    }
    const bytes = readLogin(system);
    const login = bytes && parseLogin(bytes);
    if (login === undefined) {
      complain(system, manual.name, 'there is no login on descriptor 3');
      return exitMisused;
    }
    try {
      const account = await findLoginAccount(system, homeDirectory(system), login);
      return account === undefined ? exitRefused : await becomeUser(account, words, kept);
    } catch (error) {
      complain(system, manual.name, `fatal: ${errorText(error)}`);
      return exitTemporary;
    }
  },
};
