/**
 * The domains that mail is accepted for: control/rcpthosts, and when that has not got it control/morercpthosts.cdb, which
 * qmail-newmrh makes. Each line is HOST, or .SUFFIX for every host below it. Without control/rcpthosts it is control/me
 * alone: a missing file opens no relay.
 */
import { openCdb } from '../../cdb/index.ts';
import type { Control } from '../../control/index.ts';
import { type ByteString, errorCode, lowerAscii } from '../../system/index.ts';

export interface RecipientHosts {
  /** Throws when control/morercpthosts.cdb cannot be read. */
  has(domain: ByteString): boolean;
}

/** The domain, then each of its suffixes that begins with a dot. */
function* searched(domain: ByteString): Generator<ByteString, undefined> {
  yield domain;
  for (let dot = domain.indexOf('.', 1); dot >= 0; dot = domain.indexOf('.', dot + 1))
    yield domain.slice(dot);
}

/** A file that takes its name later is seen at the next look. */
function isInDatabase(path: ByteString, domain: ByteString): boolean {
  let database: ReturnType<typeof openCdb>;
  try {
    database = openCdb(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
  try {
    for (const name of searched(domain)) if (database.get(name) !== undefined) return true;
    return false;
  } finally {
    database.close();
  }
}

export function readRecipientHosts(control: Control): RecipientHosts {
  const listed = control.list('rcpthosts');
  const hosts = new Set((listed ?? [control.line('me') ?? '']).map(lowerAscii));
  const database = `${control.directory}/morercpthosts.cdb`;
  return {
    has(domain) {
      const lower = lowerAscii(domain);
      for (const name of searched(lower)) if (hosts.has(name)) return true;
      return listed !== undefined && isInDatabase(database, lower);
    },
  };
}
