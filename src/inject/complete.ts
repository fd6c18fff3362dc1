/**
 * A header made complete (qmail-header(5)): addresses rewritten, fields that do not leave removed, fields that are
 * missing put on top. Pure: the clock and what makes a message unique are parameters.
 */
import {
  addressText,
  fieldName,
  formatDate,
  formatTimestamp,
  type RewriteAddress,
  rewriteField,
} from '../mail/index.ts';
import { type ByteString, printable } from '../system/index.ts';
import {
  droppedFields,
  recipientFields,
  resentMarks,
  resentRecipientFields,
  senderFields,
} from './field-names.ts';
import { ownFollowupTo, ownFrom, ownReturnPath } from './own-fields.ts';
import { InjectProblem } from './problem.ts';
import type { Settings } from './settings.ts';

/** Recipients that one header may name. */
export const recipientsMax = 100_000;

/** When a message was injected, and digits that no other message of that second has. */
export interface Stamp {
  readonly nowMs: number;
  readonly digits: string;
}

export interface CompletedHeader {
  /** All fields, without the empty line. */
  readonly header: ByteString;
  readonly sender: ByteString;
  /** Whom the header names: the resent fields count when there is one, else the others. */
  readonly recipients: readonly ByteString[];
}

const notShown = 'Cc: recipient list not shown: ;\n';

/** `sender` comes from the command line and overrides everything else. */
export function completeHeader(
  incoming: readonly ByteString[],
  settings: Settings,
  stamp: Stamp,
  sender?: ByteString,
): CompletedHeader {
  const seen = new Set<string>();
  const kept: ByteString[] = [];
  const recipients: ByteString[] = [];
  const resentRecipients: ByteString[] = [];
  /** Those of To and Cc alone. */
  const addressees: ByteString[] = [];
  let envelopeSender = sender;

  function collecting(...lists: readonly ByteString[][]): RewriteAddress {
    return (address) => {
      const rewritten = settings.rewrite(address);
      for (const list of lists) list.push(addressText(rewritten));
      if (recipients.length + resentRecipients.length > recipientsMax) {
        throw new InjectProblem(`the header names more than ${recipientsMax} recipients (#5.5.3)`);
      }
      return rewritten;
    };
  }

  const takeSender: RewriteAddress = (address) => {
    const rewritten = settings.rewrite(address);
    envelopeSender ??= addressText(rewritten) + (settings.verp ? '-@[]' : '');
    return rewritten;
  };

  /** How the addresses of a field are rewritten; undefined when it holds none. */
  function rewriteOf(name: string): RewriteAddress | undefined {
    if (name === 'to' || name === 'cc') return collecting(recipients, addressees);
    if (recipientFields.has(name)) return collecting(recipients);
    if (resentRecipientFields.has(name)) return collecting(resentRecipients);
    if (name === 'return-path') return takeSender;
    return senderFields.has(name) ? settings.rewrite : undefined;
  }

  function take(field: ByteString): void {
    const name = fieldName(field);
    if (settings.ignoredFields.has(name)) return;
    seen.add(name);
    const rewrite = rewriteOf(name);
    const rewritten = rewrite === undefined ? field : rewriteField(field, rewrite);
    // Recipients that cannot be parsed leave as they are; whoever wrote the message must be known.
    const mayFail = recipientFields.has(name) || resentRecipientFields.has(name);
    if (rewritten === undefined && !mayFail) {
      throw new InjectProblem(`unable to parse this line: ${printable(field)}`);
    }
    if (!droppedFields.has(name)) kept.push(rewritten ?? field);
  }

  for (const field of incoming) take(field);
  if (envelopeSender === undefined) ownReturnPath(settings, takeSender, numberOf(stamp));

  const resent = [...resentMarks].some((name) => seen.has(name));
  const prefix = resent ? 'resent-' : '';
  const missing = (name: string) => !seen.has(prefix + name);
  const added: ByteString[] = [];
  if (missing('date')) added.push(`Date: ${formatDate(stamp.nowMs)}\n`);
  if (missing('message-id')) added.push(`Message-ID: <${messageId(stamp)}@${settings.idHost}>\n`);
  if (missing('from')) added.push(ownFrom(settings));
  if (missing('to') && missing('cc')) added.push(notShown);
  if (!resent && missing('mail-followup-to')) {
    added.push(ownFollowupTo(addressees.reverse(), settings.lists));
  }
  const top = resent ? added.map((field) => `Resent-${field}`) : added;
  return {
    header: [...top, ...kept].join(''),
    sender: envelopeSender ?? '',
    recipients: resent ? resentRecipients : recipients,
  };
}

function numberOf({ nowMs, digits }: Stamp): string {
  return `${Math.floor(nowMs / 1000)}.${digits}`;
}

function messageId({ nowMs, digits }: Stamp): string {
  return `${formatTimestamp(nowMs)}.${digits}.qmail`;
}
