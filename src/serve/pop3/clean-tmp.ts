/** Removes from tmp/ of a Maildir what deliveries that were cut short have left there: files that nobody touched for 36 hours. */
import { type ByteString, errorCode, type Files } from '../../system/index.ts';

const ageMs = 36 * 3_600_000;

export function cleanTmp(files: Files, maildir: ByteString, nowMs: number): void {
  const directory = `${maildir}/tmp`;
  const old: ByteString[] = [];
  const look = (name: ByteString) => {
    if (name.startsWith('.')) return;
    const { kind, touchedMs } = files.entryStatus(`${directory}/${name}`);
    if (kind === 'file' && touchedMs < nowMs - ageMs) old.push(name);
  };
  try {
    files.visit(directory, look);
    for (const name of old) files.unlink(`${directory}/${name}`);
  } catch (error) {
    // Somebody else cleans as well, or may and we may not: mail can be read all the same.
    if (!['ENOENT', 'EACCES', 'EPERM', 'EROFS'].includes(errorCode(error))) throw error;
  }
}
