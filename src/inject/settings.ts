/** What qmail-inject knows before it sees a message: who sends it, and how names are completed (qmail-inject(8)). */
import { openControl, parseList, readWhole } from '../control/index.ts';
import { type RewriteAddress, type Token, tokenise } from '../mail/index.ts';
import { type ByteString, lowerAscii, printable, type System } from '../system/index.ts';
import { InjectProblem } from './problem.ts';
import { createRewrite } from './rewrite.ts';

/** The person behind a message that does not say who wrote it. */
export interface Identity {
  readonly user: ByteString;
  /** The default host when undefined. */
  readonly host: ByteString | undefined;
  /** The full name. */
  readonly name: ByteString | undefined;
  /** Who gets the bounces. */
  readonly senderUser: ByteString;
  readonly senderHost: ByteString | undefined;
}

export interface Settings {
  readonly identity: Identity;
  readonly rewrite: RewriteAddress;
  /** The host in a Message-ID. */
  readonly idHost: ByteString;
  /** $QMAILINJECT c: the full name stands in a comment behind the address. */
  readonly nameAsComment: boolean;
  /** s, f, i: fields whose incoming form does not count. */
  readonly ignoredFields: ReadonlySet<string>;
  /** r: every recipient gets an envelope sender of its own. */
  readonly verp: boolean;
  /** m: every message gets an envelope sender of its own. */
  readonly senderPerMessage: boolean;
  /** Addresses of mailing lists, in lower case: a message to one of them gets a Mail-Followup-To. */
  readonly lists: ReadonlySet<ByteString>;
}

const ignoredByLetter: Readonly<Record<string, string>> = { s: 'return-path', f: 'from', i: 'message-id' };

/** The tokens of a name that will be put behind an address. */
function completion(separator: '@' | '.', name: ByteString): readonly Token[] {
  const tokens = tokenise(separator + name);
  if (tokens === undefined) {
    throw new InjectProblem(`unable to parse the name that completes addresses: ${printable(name)}`);
  }
  return tokens;
}

function readLists(system: System): ReadonlySet<ByteString> {
  const path = system.env('QMAILMFTFILE');
  const text = path === undefined ? undefined : readWhole(system, path);
  return new Set(parseList(text ?? '').map(lowerAscii));
}

function readIdentity(system: System): Identity {
  const first = (...names: readonly string[]): ByteString | undefined => {
    for (const name of names) {
      const value = system.env(name);
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const user = first('QMAILUSER', 'MAILUSER', 'USER', 'LOGNAME') ?? 'anonymous';
  const host = first('QMAILHOST', 'MAILHOST');
  return {
    user,
    host,
    name: first('QMAILNAME', 'MAILNAME', 'NAME'),
    senderUser: system.env('QMAILSUSER') ?? user,
    senderHost: system.env('QMAILSHOST') ?? host,
  };
}

/** Reads environment and control files. A file that cannot be read is a SystemError. */
export function readSettings(system: System): Settings {
  const control = openControl(system);
  const setting = (variable: string, file: string) => system.env(variable) ?? control.lineOrMe(file);
  const letters = new Set(system.env('QMAILINJECT') ?? '');
  const ignored = Object.entries(ignoredByLetter).filter(([letter]) => letters.has(letter));
  return {
    identity: readIdentity(system),
    rewrite: createRewrite({
      domain: completion('.', setting('QMAILDEFAULTDOMAIN', 'defaultdomain')),
      host: completion('@', setting('QMAILDEFAULTHOST', 'defaulthost')),
      plus: completion('.', setting('QMAILPLUSDOMAIN', 'plusdomain')),
    }),
    idHost: setting('QMAILIDHOST', 'idhost'),
    nameAsComment: letters.has('c'),
    ignoredFields: new Set(ignored.map(([, field]) => field)),
    verp: letters.has('r'),
    senderPerMessage: letters.has('m'),
    lists: readLists(system),
  };
}
