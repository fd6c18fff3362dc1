/** qmail-getpw: whom an address belongs to, by the system's accounts (qmail-getpw(8)). */
import { aliasNameDefault, createPasswordUsers, systemAccounts, type Trouble } from '../local/users/index.ts';
import type { Manual } from '../manual/index.ts';
import { usage } from '../manual/index.ts';
import { bytesOf } from '../system/index.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const exitUsage = 100;

/** What qmail-lspawn in C understands. */
const exitCodes: Readonly<Record<Trouble, number>> = {
  home: 115,
  alias: 116,
  accounts: 118,
  address: 118,
  database: 118,
  root: 118,
};

const manual: Manual = {
  name: 'qmail-getpw',
  section: 8,
  purpose: 'find the user that an address belongs to',
  synopsis: ['LOCAL'],
  description: [
    "qmail-getpw prints whom the local address LOCAL belongs to by the system's accounts, as six fields, each with a NUL behind it: user, uid, gid, home, dash, ext. Mail for LOCAL is controlled by home/.qmail dash ext.",
    'An account is a user if its uid is not 0 and it owns its home. A user has the addresses USER, with dash and ext empty, and USER-ANYTHING, with dash a hyphen and ext ANYTHING. If several fit, the longest USER counts. Capitals mean nothing in front, and are kept in ext; so an account with capitals in its name has no address.',
    'Every other address belongs to the alias user, the account alias, with dash a hyphen and ext all of LOCAL.',
    'qmail-lspawn finds users by the same rules, where users/cdb says nothing. It runs this program for nobody: it remembers for five seconds what the system has said.',
    'The system is asked through getent(1), so accounts may be wherever nsswitch.conf says. Without getent, and for a name that is a number, which getent takes for a uid, /etc/passwd is read.',
  ],
  environment: [['PATH', 'Where getent is.']],
  exitCodes: [
    ['0', 'The six fields were printed.'],
    ['100', 'It was called wrongly.'],
    ['115', 'A home cannot be looked at now.'],
    ['116', 'There is no alias user.'],
    ['118', 'The accounts cannot be looked up now.'],
  ],
  limits: [
    ['name of a user', '31 bytes'],
    ['time for one question to the system', '10 seconds'],
  ],
  bugs: [
    'Unlike the original it defers (exit code 115) when the home of an account is missing, unless that is /nonexistent or the shell is nologin or false: the file system that has the home may not be mounted, and mail must not bounce for that.',
    'A database that the system cannot reach may look as if it had no accounts. Where accounts come over a network, use users/assign.',
  ],
  seeAlso: ['qmail-newu(8)', 'qmail-pw2u(8)', 'qmail-local(8)'],
};

export const qmailGetpw: Program = {
  manual,
  run: async (system) => {
    // Whatever it looks like: an address may begin with a hyphen.
    const [local] = system.args;
    if (local === undefined) {
      complain(system, 'qmail-getpw', usage(manual));
      return exitUsage;
    }
    const users = createPasswordUsers({ accounts: systemAccounts(), aliasName: aliasNameDefault });
    const found = await users.find(local);
    if (!found.ok) {
      complain(system, 'qmail-getpw', found.answer.text.trimEnd());
      return exitCodes[found.trouble];
    }
    const { user, uid, gid, home, dash, extension } = found;
    const fields = [user, `${uid}`, `${gid}`, home, dash, extension];
    system.files.write(1, bytesOf(fields.map((field) => `${field}\0`).join('')));
    return 0;
  },
};
