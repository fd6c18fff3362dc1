/**
 * Where our sendmail is not the original's, each with its reason, judged from a case's own data. The original is a
 * small front of qmail-inject: its exit codes are qmail's, and it knows few of sendmail's options.
 */
import type { NamedCase, Outcome, Rule } from './vectors.ts';

export interface SendmailCase extends NamedCase {
  readonly prog: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly exit: number;
  readonly msg_out?: string | null;
  readonly env_out?: string | null;
}

interface CommandLine {
  readonly given: readonly (readonly [letter: string, value: string])[];
  readonly operands: readonly string[];
  /** Something that looks like an option stands behind an operand. */
  readonly permuted: boolean;
}

/** Letters that take a value, attached or as the next argument, and those whose value is only ever attached. */
const valued = 'ABCDFLMNORTVXbefhopr';
const attached = 'EJQdq';

/** The letters of the original. */
const original = 'vimtefpoBFEJxb';

function readCommandLine(argv: readonly string[]): CommandLine {
  const given: [string, string][] = [];
  const operands: string[] = [];
  const rest = [...argv];
  let permuted = false;
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === '--') {
      operands.push(...rest);
      break;
    }
    if (!argument.startsWith('-') || argument === '-') {
      operands.push(argument);
      continue;
    }
    permuted ||= operands.length > 0;
    for (let index = 1; index < argument.length; index += 1) {
      const letter = argument.charAt(index);
      const tail = argument.slice(index + 1);
      const takes = valued.includes(letter);
      given.push([letter, takes && tail === '' ? (rest.shift() ?? '') : tail]);
      if (takes || attached.includes(letter)) break;
    }
  }
  return { given, operands, permuted };
}

function last(vector: SendmailCase, ...letters: readonly string[]): string | undefined {
  return readCommandLine(vector.argv).given.findLast(([letter]) => letters.includes(letter))?.[1];
}

const nothingSent: Outcome = { stdout: '', msg_out: null, env_out: null };

/** The line of a From field that was added: the message itself has none. */
function replaceFrom(message: string, replace: (mailbox: string) => string): string {
  const lines = message.split('\n');
  const at = lines.findIndex((line) => line.startsWith('From: ') || line.startsWith('Resent-From: '));
  const [name = '', ...value] = (lines[at] ?? '').split(': ');
  return lines.with(at, `${name}: ${replace(value.join(': '))}`).join('\n');
}

function hasFrom(stdin: string): boolean {
  return /^(resent-)?from[ \t]*:/im.test(stdin.split('\n\n')[0] ?? '');
}

function mailboxOf(from: string): string {
  return from.endsWith('>') ? from.slice(from.lastIndexOf('<') + 1, -1) : from;
}

function withName(name: string, from: string): string {
  const quoted = name.replaceAll(/["[\]()\\]/g, '\\$&');
  return name === '' ? mailboxOf(from) : `"${quoted}" <${mailboxOf(from)}>`;
}

const isBracketed = (sender: string | undefined) => sender === '' || sender?.endsWith('>') === true;

/**
 * A call that the original did not understand as we do, so that nothing comparable was recorded: what it asked for
 * says whether something must have been sent. A message may also be malformed.
 */
function sentBy(vector: SendmailCase, actual: Outcome): Outcome {
  const { operands } = readCommandLine(vector.argv);
  const mode = last(vector, 'b');
  if (mode !== undefined && !mode.startsWith('m'))
    return { ...nothingSent, exit: 'spiatvdDhHP'.includes(mode.charAt(0)) ? 69 : 64 };
  if (last(vector, 'q') !== undefined) return { ...nothingSent, exit: 0 };
  if (operands.length === 0 && last(vector, 't') === undefined) return { ...nothingSent, exit: 64 };
  if (actual['exit'] === 65) return { ...nothingSent, exit: 65 };
  const recipients = String(actual['env_out']).split('\0').slice(1, -2);
  const complete = recipients.length >= Math.max(1, operands.length);
  return { exit: 0, msg_out: actual['msg_out'], env_out: complete ? actual['env_out'] : 'more recipients' };
}

export const sendmailRules: readonly Rule<SendmailCase>[] = [
  {
    reason: 'exit codes are those of sysexits, which callers of sendmail know: permanent failures',
    applies: ({ exit }) => exit === 100,
    expect: (_vector, { exit }) => ({
      exit: [64, 65, 67, 68, 69, 77, 78].includes(Number(exit)) ? exit : 64,
    }),
  },
  {
    reason: 'exit codes are those of sysexits, which callers of sendmail know: temporary failures',
    applies: ({ exit }) => exit === 111,
    expect: (_vector, { exit }) => ({ exit: [70, 71, 74, 75, 78].includes(Number(exit)) ? exit : 75 }),
  },
  {
    reason: '-F sets the full name, also against the variables and beside -f',
    applies: (vector) =>
      vector.exit === 0 && last(vector, 'F') !== undefined && !!vector.msg_out && !hasFrom(vector.stdin),
    expect: (vector) => ({
      msg_out: replaceFrom(vector.msg_out ?? '', (from) => withName(last(vector, 'F') ?? '', from)),
    }),
  },
  {
    reason: 'an empty sender and one in angle brackets are what sendmail takes them for',
    applies: (vector) => isBracketed(last(vector, 'f')),
    expect: (vector, actual) => {
      if (!vector.env_out) return sentBy(vector, actual);
      const value = last(vector, 'f') ?? '';
      const sender = value.slice(value.lastIndexOf('<') + 1, value.endsWith('>') ? -1 : undefined);
      const recipients = vector.env_out.slice(vector.env_out.indexOf('\0'));
      return { msg_out: actual['msg_out'], env_out: `F${sender}${recipients}` };
    },
  },
  {
    reason: 'a call without recipients is a mistake, and is not answered with success',
    applies: (vector) =>
      vector.exit === 0 && vector.env_out?.indexOf('\0') === vector.env_out?.indexOf('\0\0'),
    expect: (vector) => ({ ...nothingSent, exit: last(vector, 't') === undefined ? 64 : 65 }),
  },
  {
    reason: 'letters that sendmail documents and the original refuses are accepted',
    applies: ({ argv, exit }) =>
      exit === 100 && readCommandLine(argv).given.some(([letter]) => !original.includes(letter)),
    expect: (vector, actual) => {
      const { given } = readCommandLine(vector.argv);
      const known = given.every(([letter]) => `${valued}${attached}GIUcimnstvx`.includes(letter));
      return known ? sentBy(vector, actual) : { ...nothingSent, exit: 64 };
    },
  },
  {
    reason: 'options may stand behind recipients',
    applies: ({ argv, exit }) => exit === 0 && readCommandLine(argv).permuted,
    expect: sentBy,
  },
  {
    reason: 'no SMTP on descriptors 0 and 1 yet',
    applies: (vector) => last(vector, 'b')?.startsWith('s') === true,
    expect: () => ({ ...nothingSent, exit: 69 }),
  },
  {
    reason: 'a machine without a queue lists it as empty, where the original fails or prints nothing',
    applies: (vector) => last(vector, 'b')?.startsWith('p') === true || vector.prog === 'mailq',
    expect: (_vector, { stdout }) => ({ exit: 0, stdout, stderr: '' }),
  },
  {
    reason: 'newaliases succeeds: packages call it when they are installed',
    applies: (vector) => last(vector, 'b')?.startsWith('i') === true || vector.prog === 'newaliases',
    expect: (_vector, { stdout }) => ({ exit: 0, stdout }),
  },
];
