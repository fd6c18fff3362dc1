/** qmail-pw2u: makes assignments of addresses to users out of a password file (qmail-pw2u(8)). */
import { homeDirectory, parseList, readFileLines, readLines, readWhole } from '../control/index.ts';
import { aliasNameDefault } from '../local/users/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { type ByteString, bytesOf, errorCode, errorText, lowerAscii, type System } from '../system/index.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const exitUsage = 100;
const exitTemporary = 111;

const manual: Manual = {
  name: 'qmail-pw2u',
  section: 8,
  purpose: 'make address assignments from a password file',
  synopsis: ['[-/ohHuUC] [-c CHAR] < PASSWD > ASSIGN'],
  description: [
    'qmail-pw2u reads a password file, lines of user:password:uid:gid:gecos:home:shell, from descriptor 0 and prints assignments for HOME/users/assign. qmail-newu makes them take effect; both must be run again whenever an account changes.',
    'An account is passed over if its uid is 0, if its home does not exist or belongs to somebody else, or if its name has capitals. Every other one gets the address USER and all addresses USER-ANYTHING. The account alias, which must be there, gets all others, too.',
    'users/include: if it exists, accounts that are not in it are passed over. users/exclude: accounts in it are passed over. Both have a name a line.',
    'users/mailnames: lines of user:mailname1:mailname2:... give the user these names in place of the own one, which must be in the list if it is to remain.',
    'users/subusers: lines of sub:user:pre: give SUB and SUB-EXT to the user, as .qmail-PRE and .qmail-PRE-EXT in the home.',
    'users/append is printed behind all that.',
    'In include, exclude and mailnames, blanks at the end of a line, empty lines, and lines that begin with # mean nothing. Nothing is printed until everything has been read.',
  ],
  options: [
    {
      letter: 'o',
      name: 'own',
      letterOnly: true,
      text: 'Pass over accounts without a home of their own. The default.',
    },
    { letter: 'h', name: 'homes', letterOnly: true, text: 'Stop at an account whose home does not exist.' },
    { letter: 'H', name: 'no-homes', letterOnly: true, text: 'Do not look at homes.' },
    {
      letter: 'U',
      name: 'no-capitals',
      letterOnly: true,
      text: 'Pass over names with capitals. The default.',
    },
    { letter: 'u', name: 'capitals', letterOnly: true, text: 'Take names with capitals.' },
    {
      letter: 'c',
      name: 'break',
      value: 'CHAR',
      repeated: true,
      letterOnly: true,
      text: 'CHAR stands between USER and ANYTHING, in place of the hyphen.',
    },
    { letter: 'C', name: 'no-break', letterOnly: true, text: 'USER gets no USER-ANYTHING.' },
    {
      letter: '/',
      name: 'slash',
      letterOnly: true,
      text: 'Use home/.qmail-/... in place of home/.qmail-....',
    },
  ],
  environment: [['QMAILHOME', 'HOME; /var/qmail without it.']],
  exitCodes: [
    ['0', 'The assignments were printed.'],
    ['100', 'It was called wrongly.'],
    [
      '111',
      'A file cannot be read, a home cannot be looked at, there is no account alias, or users/subusers names an account that there is not.',
    ],
  ],
  limits: [['line of a file', '65536 bytes']],
  seeAlso: ['qmail-newu(8)', 'qmail-getpw(8)'],
};

/** What options and files under users/ say. */
interface Rules {
  readonly homes: 'own' | 'homes' | 'no-homes';
  readonly capitals: boolean;
  /** What stands between a name and an extension; empty: there are no extensions. */
  readonly separator: ByteString;
  /** dash ":" of an assignment whose mail is controlled by .qmail-... */
  readonly dash: ByteString;
  readonly include: ReadonlySet<ByteString> | undefined;
  readonly exclude: ReadonlySet<ByteString> | undefined;
  /** The text behind the first colon, by names in lower case. */
  readonly mailNames: ReadonlyMap<ByteString, ByteString>;
}

class Failure extends Error {}

function separatorOf(line: CommandLine): ByteString {
  const value = line.value('break');
  const last = value === undefined ? line.last('no-break') : line.last('no-break', `break=${value}`);
  if (last === 'no-break') return '';
  return value === undefined ? '-' : value.slice(0, 1);
}

function readRules(system: System, users: ByteString, line: CommandLine): Rules {
  const list = (name: string) => {
    const text = readWhole(system, `${users}/${name}`);
    return text === undefined ? undefined : parseList(text);
  };
  const names = (name: string) => {
    const found = list(name);
    return found === undefined ? undefined : new Set(found.map(lowerAscii));
  };
  const mailNames = new Map<ByteString, ByteString>();
  for (const entry of list('mailnames') ?? []) {
    const colon = entry.indexOf(':');
    if (colon >= 0) mailNames.set(lowerAscii(entry.slice(0, colon)), entry.slice(colon + 1));
  }
  const homes = line.last('own', 'homes', 'no-homes');
  return {
    homes: homes === 'homes' || homes === 'no-homes' ? homes : 'own',
    capitals: line.last('capitals', 'no-capitals') === 'capitals',
    separator: separatorOf(line),
    dash: line.has('slash') ? '-/:' : '-:',
    include: names('include'),
    exclude: names('exclude'),
    mailNames,
  };
}

/** Leading digits, as scan_ulong reads them; 0 without any. */
function leadingNumber(text: ByteString): number {
  let end = 0;
  while (end < text.length && text.charAt(end) >= '0' && text.charAt(end) <= '9') end += 1;
  return Number(text.slice(0, end));
}

/** Whether the home is there and the account's own, so far as the rules ask. */
function hasHome(
  system: System,
  installation: ByteString,
  home: ByteString,
  uid: number,
  rules: Rules,
): boolean {
  if (rules.homes === 'no-homes') return true;
  try {
    return system.files.status(home.startsWith('/') ? home : `${installation}/${home}`).uid === uid;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' && rules.homes === 'own') return false;
    throw new Failure(`unable to look at the home ${home}: ${errorText(error)}`);
  }
}

/** The assignments that follow from a password file's lines and users/subusers. */
function createAssignments(system: System, installation: ByteString, rules: Rules) {
  const printed: ByteString[] = [];
  /** ":user:uid:gid:home:" by names in lower case. */
  const accounts = new Map<ByteString, ByteString>();
  let hasAlias = false;

  function addAccount(line: ByteString): void {
    const fields = line.split(':');
    const [user = '', , uid = '', gid = '', , home = ''] = fields;
    const number = leadingNumber(uid);
    const key = lowerAscii(user);
    if (fields.length < 7 || line.includes('\0') || number === 0) return;
    if (!rules.capitals && key !== user) return;
    if (rules.include?.has(key) === false || rules.exclude?.has(key) === true) return;
    if (!hasHome(system, installation, home, number, rules)) return;
    const account = `:${user}:${uid}:${gid}:${home}:`;
    accounts.set(key, account);
    if (user === aliasNameDefault) {
      printed.push(`+${account}${rules.dash}:\n`);
      hasAlias = true;
    }
    for (const name of (rules.mailNames.get(key) ?? user).split(':')) {
      if (name === '') continue;
      printed.push(`=${name}${account}::\n`);
      if (rules.separator !== '') printed.push(`+${name}${rules.separator}${account}${rules.dash}:\n`);
    }
  }

  function addSubuser(line: ByteString): void {
    const [sub = '', user = '', prefix, end] = line.split(':');
    if (prefix === undefined) return;
    const account = accounts.get(lowerAscii(user));
    if (account === undefined) throw new Failure(`users/subusers: there is no account ${user} for ${sub}`);
    if (end === undefined) return;
    printed.push(`=${sub}${account}${rules.dash}${prefix}:\n`);
    if (rules.separator !== '') printed.push(`+${sub}${rules.separator}${account}${rules.dash}${prefix}-:\n`);
  }

  return { printed, addAccount, addSubuser, hasAlias: () => hasAlias };
}

/** The lines of a file that need not be there. */
function* optionalLines(system: System, path: ByteString): Generator<ByteString, undefined> {
  try {
    for (const { text, ended } of readFileLines(system, path)) yield ended ? `${text}\n` : text;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

function assignments(system: System, line: CommandLine): ByteString {
  const installation = homeDirectory(system);
  const users = `${installation}/users`;
  const rules = readRules(system, users, line);
  const { printed, addAccount, addSubuser, hasAlias } = createAssignments(system, installation, rules);
  for (const { text } of readLines(system, 0, 'the password file')) addAccount(text);
  if (!hasAlias()) throw new Failure(`there is no account ${aliasNameDefault} with a home of its own`);
  for (const text of optionalLines(system, `${users}/subusers`)) addSubuser(text);
  for (const text of optionalLines(system, `${users}/append`)) printed.push(text);
  return `${printed.join('')}.\n`;
}

export const qmailPw2u: Program = {
  manual,
  run: async (system) => {
    const parsed = parseCommandLine(manual, system.args);
    if (!parsed.ok || parsed.line.operands.length > 0) {
      complain(system, 'qmail-pw2u', parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    let text: ByteString;
    try {
      text = assignments(system, parsed.line);
    } catch (error) {
      complain(system, 'qmail-pw2u', `fatal: ${errorText(error)}`);
      return exitTemporary;
    }
    system.files.write(1, bytesOf(text));
    return 0;
  },
};
