/**
 * Tells the sender of a message in the spool that it will not be delivered. The bounce takes the message's place in the
 * spool, by a rename over it, and goes to a hub like any other: a crash neither loses nor repeats one. The bounce of a
 * bounce goes to control/doublebounceto. What cannot be bounced any more is moved to SPOOL/failed, and stays there.
 */
import { formatPackage, type PackageEnvelope } from '../../qmqp/index.ts';
import { type Control, openControl } from '../control/index.ts';
import { formatBounce, formatTimestamp } from '../mail/index.ts';
import { createSpill } from '../submit/index.ts';
import { type ByteString, errorCode, errorText, type System } from '../system/index.ts';
import type { Claim } from './claims.ts';
import { formatEntryName, newId } from './entry-name.ts';
import { writePackage } from './keep.ts';
import { spoolPaths, syncDirectory } from './spool-paths.ts';
import { openStored, type StoredPackage } from './stored-package.ts';

export const bounceMaxBytesDefault = 65_536;

/** The sender of a bounce's bounce, which is bounced no more. */
const doubleBounceSender = '#@[]';

/** What follows a sender whose bounces name the recipient (VERP). */
const verpMark = '-@[]';

function bounceRecipient(control: Control, sender: ByteString): ByteString {
  if (sender !== '') return sender.endsWith(verpMark) ? sender.slice(0, -verpMark.length) : sender;
  return `${control.line('doublebounceto') ?? 'postmaster'}@${control.lineOrMe('doublebouncehost')}`;
}

/** Keeps a message of which nobody can be told; answers what there is to say about it. */
export function setAside(system: System, directory: ByteString, claim: Claim, reason: string): string {
  const { queue, failed } = spoolPaths(directory);
  const name = formatEntryName({ ...claim.entry, claim: undefined });
  claim.moveTo(`${failed}/${name}`);
  syncDirectory(system, failed);
  syncDirectory(system, queue);
  return `${failed}/${name} will not be sent: ${reason}`;
}

function writeBounce(
  system: System,
  directory: ByteString,
  claim: Claim,
  stored: StoredPackage,
  { sender, recipients }: PackageEnvelope,
  report: ByteString,
): void {
  const control = openControl(system);
  const me = control.lineOrMe('me');
  const nowMs = system.now();
  const { entry } = claim;
  const to = bounceRecipient(control, sender);
  const pieces = formatBounce({
    program: 'qmail-flush',
    host: me,
    from: `${control.line('bouncefrom') ?? 'MAILER-DAEMON'}@${control.lineOrMe('bouncehost')}`,
    to,
    isDouble: sender === '',
    messageId: `<${formatTimestamp(nowMs)}.${entry.id}.bounce@${me}>`,
    boundary: `=_${newId(system.random)}${newId(system.random)}`,
    nowMs,
    sender,
    arrivedMs: entry.arrivedMs,
    original: stored.message,
    originalBytesMax: control.number('bouncemaxbytes', bounceMaxBytesDefault),
    *failures() {
      for (const address of recipients) yield { address, report, triedMs: nowMs };
    },
  });
  const text = createSpill(system);
  try {
    for (const piece of pieces) text.write(piece);
    const envelope = { sender: sender === '' ? doubleBounceSender : '', recipients: [to] };
    const pack = formatPackage(text, envelope);
    const { queue } = spoolPaths(directory);
    const path = claim.path();
    writePackage(system, queue, pack, path.slice(path.lastIndexOf('/') + 1));
    // It is a message of its own now: as young as it is, and no hub has seen it.
    const name = formatEntryName({
      arrivedMs: nowMs,
      id: newId(system.random),
      sizeBytes: pack.sizeBytes,
      tries: 0,
      unknownAt: [],
      unknownSinceMs: 0,
      claim: undefined,
    });
    claim.moveTo(`${queue}/${name}`);
    syncDirectory(system, queue);
  } finally {
    text.close();
  }
}

/** `said`: what there is to tell the operator when there is nobody else. */
export type Bounced = { readonly kind: 'bounced' } | { readonly kind: 'failed'; readonly said: string };

/** Throws when neither is possible now; the message stays claimed then. */
export function bounceOrSetAside(
  system: System,
  directory: ByteString,
  claim: Claim,
  report: ByteString,
): Bounced {
  const stored = openStored(system, claim.path());
  try {
    let envelope: PackageEnvelope;
    try {
      envelope = stored.envelope();
    } catch (error) {
      // That it cannot be read now says nothing of what is in it.
      if (errorCode(error) !== '') throw error;
      return { kind: 'failed', said: setAside(system, directory, claim, errorText(error)) };
    }
    if (envelope.sender === doubleBounceSender) {
      return { kind: 'failed', said: setAside(system, directory, claim, report) };
    }
    writeBounce(system, directory, claim, stored, envelope, report);
    return { kind: 'bounced' };
  } finally {
    stored.close();
  }
}
