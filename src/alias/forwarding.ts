/**
 * What becomes of a message to one address, by a forwarding database as setforward and newaliases make it. Its keys,
 * in lower case, are
 *
 *     ":" target     whose data are commands (commands.ts)
 *     "?" target     whose data are the address that gets the bounces
 *
 * and a target is user@host, or @host or user@ for the address that the message came to. Everything is looked up and
 * every list is read before anything is done.
 */
import { type ByteString, lowerAscii } from '../system/index.ts';
import { type Command, commandOf } from './commands.ts';
import { aliasLimits } from './limits.ts';
import type { Line } from './lines.ts';
import { AliasProblem } from './problem.ts';

const { entriesMax } = aliasLimits;

/** The sender of a double bounce, which gets no bounces. */
const doubleBounceSender = '#@[]';

export interface ForwardingBase {
  /** The data of the first record with this key. */
  get(key: ByteString): ByteString | undefined;
  /** The entries of a binary list. */
  list(path: ByteString): Iterable<Line>;
}

export interface Forwarding {
  readonly sender: ByteString;
  /** With their "|" or "!", in the order in which they run. */
  readonly programs: readonly ByteString[];
  readonly recipients: readonly ByteString[];
}

/** The targets of the address that the message came to, the first one that is there counts. */
function targetsOf(address: ByteString): readonly ByteString[] {
  const at = address.lastIndexOf('@');
  return at < 0 ? [address] : [address, address.slice(at), address.slice(0, at + 1)];
}

function lookUp(
  base: ForwardingBase,
  kind: ':' | '?',
  targets: readonly ByteString[],
): ByteString | undefined {
  for (const target of targets) {
    const data = base.get(lowerAscii(kind + target));
    if (data !== undefined) return data;
  }
  return undefined;
}

/** Bounces of what is forwarded go to the owner of the target, unless the message must not bounce. */
function senderOf(base: ForwardingBase, targets: readonly ByteString[], sender: ByteString): ByteString {
  if (sender === '' || sender === doubleBounceSender) return sender;
  const owner = lookUp(base, '?', targets);
  return owner === undefined ? sender : (owner.split('\0')[0] ?? '');
}

/** What is looked up. */
export interface ForwardingCase {
  readonly sender: ByteString;
  readonly recipient: ByteString;
  /** Called with each program at the moment when it is met: a list behind it may be unreadable. */
  programMet?(program: ByteString): void;
}

/** Undefined when the database does not know the address. */
export function findForwarding(
  base: ForwardingBase,
  { sender, recipient, programMet }: ForwardingCase,
): Forwarding | undefined {
  const targets = targetsOf(recipient);
  const first = lookUp(base, ':', targets);
  if (first === undefined) return undefined;

  const programs: ByteString[] = [];
  const recipients: ByteString[] = [];
  /** What is still to be followed, the last one first. */
  const waiting: ByteString[] = [];
  /** What was followed: a loop ends here, and nobody gets the message twice. */
  const followed = new Set<ByteString>([recipient]);
  let entriesMet = 0;

  function count(): void {
    entriesMet += 1;
    if (entriesMet > entriesMax) {
      throw new AliasProblem(
        'Z',
        `${recipient} leads to more than ${entriesMax} addresses, lists and programs`,
      );
    }
  }
  function wait(command: Command, where: string): void {
    count();
    if (!command.isWellFormed) throw new AliasProblem('Z', `${where}: an address is too long`);
    waiting.push(command.text);
  }
  /** Commands stand in the data of a target; each ends with NUL. */
  function takeData(data: ByteString, target: ByteString): void {
    let start = 0;
    for (let end = data.indexOf('\0'); end >= 0; end = data.indexOf('\0', start)) {
      const command = commandOf(data.slice(start, end));
      start = end + 1;
      if (command.kind === 'program') {
        count();
        programs.push(command.text);
        programMet?.(command.text);
      } else if (command.kind !== 'unknown') {
        wait(command, target);
      }
    }
    if (start < data.length) throw new AliasProblem('Z', `${target}: the last command has no end`);
  }
  /** A list belongs to somebody else: programs in it are not run. */
  function takeList(path: ByteString): void {
    for (const { text, ended } of base.list(path)) {
      if (!ended) throw new AliasProblem('Z', `${path} is no binary list: run newinclude or setmaillist`);
      const command = commandOf(text);
      if (command.kind === 'address' || command.kind === 'list') wait(command, path);
    }
  }
  /** A target with an owner gets the message as a message of its own, so that its bounces find the owner. */
  function takeAddress(address: ByteString): void {
    const hasOwner = lookUp(base, '?', [address]) !== undefined;
    const data = hasOwner ? undefined : lookUp(base, ':', [address]);
    if (data === undefined) recipients.push(address);
    else takeData(data, address);
  }

  takeData(first, recipient);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (followed.has(next)) continue;
    followed.add(next);
    if (next.startsWith('&')) takeAddress(next.slice(1));
    else takeList(next);
  }
  // What was met last goes first: that is the order in which the commands were written.
  return { sender: senderOf(base, targets, sender), programs, recipients: recipients.reverse() };
}
