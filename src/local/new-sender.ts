/**
 * The sender of what is forwarded (dot-qmail(5)). Where a file for the owner of the address exists, bounces go to the
 * owner and not to whoever wrote to it; where that owner has a default file too, each recipient gets an owner of its
 * own (VERP), and the queue fills in which.
 */
import type { Answer, ByteString } from '../system/index.ts';
import type { LocalJob } from './job.ts';
import { qmailFileExists } from './qmail-file.ts';

/** The senders of bounces and of bounces of bounces: they never change. */
const bounceSenders: readonly ByteString[] = ['', '#@[]'];

export type NewSender =
  | { readonly ok: true; readonly sender: ByteString }
  | { readonly ok: false; readonly answer: Answer };

/** The files are looked for by the whole extension, whatever file the instructions came from. */
export function newSender(
  job: Pick<LocalJob, 'home' | 'dash' | 'extension' | 'local' | 'domain' | 'sender'>,
): NewSender {
  const { home, dash, extension, local, domain, sender } = job;
  if (bounceSenders.includes(sender)) return { ok: true, sender };
  const owner = qmailFileExists(home, dash, extension, '-owner');
  if (!owner.ok) return owner;
  if (!owner.exists) return { ok: true, sender };
  const each = qmailFileExists(home, dash, extension, '-owner-default');
  if (!each.ok) return each;
  return { ok: true, sender: each.exists ? `${local}-owner-@${domain}-@[]` : `${local}-owner@${domain}` };
}
