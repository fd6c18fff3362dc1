/** qmail-newu: makes users/cdb of users/assign (qmail-newu(8), qmail-users(5)). */
import { writeCdb } from '../cdb/index.ts';
import { homeDirectory, readFileLines } from '../control/index.ts';
import { parseAccountId } from '../local/users/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { type ByteString, errorText, lowerAscii, type System } from '../system/index.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const exitUsage = 100;
const exitTemporary = 111;

const manual: Manual = {
  name: 'qmail-newu',
  section: 8,
  purpose: 'make the assignments of addresses to users take effect',
  synopsis: [''],
  description: [
    'qmail-newu reads HOME/users/assign and writes HOME/users/cdb, in which qmail-lspawn looks up whom a local address belongs to before it asks the system for its accounts. The new file takes the place of the old one when it is whole and on stable storage; mail that arrives meanwhile is delivered by the old one. Nobody needs to be told.',
    'users/assign holds one assignment a line and ends with a line that begins with a dot. A line has no NUL.',
    '=LOCAL:USER:UID:GID:HOMEDIR:DASH:EXT: gives the address LOCAL to USER, with these numbers and that home; HOMEDIR/.qmail DASH EXT says what becomes of its mail. Capitals in LOCAL mean nothing. Of several lines for the same LOCAL the first counts.',
    '+LOC:USER:UID:GID:HOMEDIR:DASH:PRE: gives all addresses that begin with LOC, LOC itself included, to USER. What follows LOC in the address is added to PRE. Of several such lines that fit an address the one with the longest LOC counts, and a line with = counts before all of them. +: with nothing behind the + fits every address.',
    'Example: =joe.shmoe:joe:503:78:/home/joe::: and +joe-:joe:503:78:/home/joe:-::',
    'The numbers may be any that the system has, whether or not it has an account for them; root, 0, gets no mail.',
  ],
  environment: [['QMAILHOME', 'HOME; /var/qmail without it.']],
  exitCodes: [
    ['0', 'users/cdb is new.'],
    ['100', 'It was called wrongly.'],
    [
      '111',
      'users/assign cannot be read or is not understood, or users/cdb cannot be written. The old one stays.',
    ],
  ],
  limits: [
    ['line of users/assign', '65536 bytes'],
    ['users/cdb', '4 GB'],
    ['UID, GID', 'from 0 to 4294967294'],
  ],
  bugs: [
    'A line with an unusable UID, GID or HOMEDIR is kept, as by the original; a warning says so, and mail for the address is deferred.',
    'A line with + whose LOC ends with a capital letter fits no address, in the original as well; a warning says so.',
    'Two that run at the same time share the name users/cdb.tmp. One of them gives up.',
  ],
  seeAlso: ['qmail-pw2u(8)', 'qmail-getpw(8)', 'qmail-local(8)', 'qmail-start(8)'],
};

interface Assignment {
  readonly isWildcard: boolean;
  readonly local: ByteString;
  /** user, uid, gid, home, dash, extension */
  readonly fields: readonly ByteString[];
}

const fieldsCount = 6;

/** ( "=" / "+" ) local ":" 6( field ":" ) anything; as in the original, any first byte but "+" does for "=". */
function parseAssignment(line: ByteString): Assignment | undefined {
  const [head = '', ...rest] = line.split(':');
  const fields = rest.slice(0, fieldsCount);
  if (head === '' || rest.length <= fieldsCount || line.includes('\0')) return undefined;
  return { isWildcard: head.startsWith('+'), local: head.slice(1), fields };
}

/** Why an assignment will not do what it seems to. */
function doubt({ isWildcard, local, fields }: Assignment): string | undefined {
  const [, uid = '', gid = '', home = ''] = fields;
  if (parseAccountId(uid) === undefined) return 'its uid is no number of a user';
  if (parseAccountId(uid) === 0) return 'root gets no mail';
  if (parseAccountId(gid) === undefined) return 'its gid is no number of a group';
  if (!home.startsWith('/')) return 'its home does not begin with /';
  const last = local.slice(-1);
  return isWildcard && lowerAscii(last) !== last
    ? 'it ends with a capital letter and fits no address'
    : undefined;
}

class BadFormat extends Error {}

function* recordsOf(system: System, path: ByteString): Generator<[key: ByteString, data: ByteString]> {
  /** The bytes with which a prefix can end. */
  let wildcards = '';
  let number = 0;
  let ended = false;
  for (const line of readFileLines(system, path)) {
    number += 1;
    ended = line.text.startsWith('.');
    if (ended) break;
    const assignment = line.ended ? parseAssignment(line.text) : undefined;
    if (assignment === undefined) throw new BadFormat(`bad format in users/assign, line ${number}`);
    const problem = doubt(assignment);
    if (problem !== undefined)
      complain(system, 'qmail-newu', `warning: users/assign, line ${number}: ${problem}`);
    const { isWildcard, local, fields } = assignment;
    const last = local.slice(-1);
    if (isWildcard && !wildcards.includes(last)) wildcards += last;
    yield [lowerAscii(isWildcard ? `!${local}` : `!${local}\0`), fields.join('\0')];
  }
  if (!ended) throw new BadFormat('bad format in users/assign: it does not end with a line with a dot');
  yield ['', wildcards];
}

export const qmailNewu: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length > 0) {
      complain(system, 'qmail-newu', parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    const users = `${homeDirectory(system)}/users`;
    try {
      writeCdb({ path: `${users}/cdb`, temporary: `${users}/cdb.tmp` }, recordsOf(system, `${users}/assign`));
    } catch (error) {
      const text =
        error instanceof BadFormat ? error.message : `unable to make users/cdb: ${errorText(error)}`;
      complain(system, 'qmail-newu', `fatal: ${text}`);
      return exitTemporary;
    }
    return 0;
  },
};
