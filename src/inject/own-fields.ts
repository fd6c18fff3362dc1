/** Fields that qmail-inject writes itself: From and Return-Path from the identity, Mail-Followup-To from the lists. */
import {
  needsQuotes,
  quoteAddress,
  type RewriteAddress,
  rewriteField,
  special,
  type Token,
  unparse,
  word,
} from '../mail/index.ts';
import { type ByteString, lowerAscii, printable } from '../system/index.ts';
import { InjectProblem } from './problem.ts';
import type { Settings } from './settings.ts';

/** Written and read again, so that what a variable holds counts as it would in a header. */
function ownField(name: string, value: readonly Token[], rewrite: RewriteAddress): ByteString {
  const field = unparse([word('atom', name), special(':'), ...value]);
  const rewritten = rewriteField(field, rewrite);
  if (rewritten === undefined) throw new InjectProblem(`unable to parse this line: ${printable(field)}`);
  return rewritten;
}

function mailbox(user: Token, host: ByteString | undefined): readonly Token[] {
  return host === undefined ? [user] : [user, special('@'), word('atom', host)];
}

/** `From: "Full Name" <user@host>`, or with the name in a comment. */
export function ownFrom({ identity, nameAsComment, rewrite }: Settings): ByteString {
  const { user, host, name } = identity;
  const address = mailbox(word(needsQuotes(user) ? 'quoted' : 'atom', user), host);
  if (name === undefined) return ownField('From', address, rewrite);
  if (nameAsComment) return ownField('From', [...address, word('comment', name)], rewrite);
  return ownField('From', [word('quoted', name), special('<'), ...address, special('>')], rewrite);
}

/** The Return-Path that a message without one has; `rewrite` sees the sender. `number` tells messages apart. */
export function ownReturnPath(
  { identity, verp, senderPerMessage }: Settings,
  rewrite: RewriteAddress,
  number: string,
): ByteString {
  const perMessage = senderPerMessage ? `-${number}` : '';
  const user = `${identity.senderUser}${perMessage}${verp ? '-' : ''}`;
  return ownField('Return-Path', mailbox(word('quoted', user), identity.senderHost), rewrite);
}

/** Where followups go: everyone whom the message names, when one of them is a mailing list; else nothing. */
export function ownFollowupTo(addressees: readonly ByteString[], lists: ReadonlySet<ByteString>): ByteString {
  if (!addressees.some((address) => lists.has(lowerAscii(address)))) return '';
  return `Mail-Followup-To: ${addressees.map(quoteAddress).join(',\n  ')}\n`;
}
