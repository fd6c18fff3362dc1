/**
 * The keys that messages are signed with: control/dkim/DOMAIN/SELECTOR.key, each a private key in PEM, RSA or Ed25519. Mail
 * from a domain is signed with all keys of its directory or, where it has none, of that of the next domain above it.
 */
import type { SignedBy } from '../authenticate/index.ts';
import { type Control, readWhole } from '../control/index.ts';
import { type ByteString, errorCode, errorText, type System, SystemError } from '../system/index.ts';
import { isDomainName } from './author-domain.ts';

/** Keys of one domain that sign: both kinds, and as many again while they are changed. */
export const dkimKeysMax = 4;

export const dkimKeySuffix = '.key';

export function dkimDirectory(control: Control): ByteString {
  return `${control.directory}/dkim`;
}

/** Whether a text may be a selector: it is part of a name in DNS. */
export function isSelector(text: ByteString): boolean {
  return isDomainName(text);
}

/** Names in a directory, in order; undefined when there is none. */
function namesIn(system: System, directory: ByteString): readonly ByteString[] | undefined {
  try {
    return [...system.files.list(directory)].sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new SystemError(errorCode(error), `unable to read ${directory}: ${errorText(error)}`, error);
  }
}

function selectorsOf(system: System, directory: ByteString): readonly ByteString[] {
  return (namesIn(system, directory) ?? [])
    .filter((name) => name.endsWith(dkimKeySuffix))
    .map((name) => name.slice(0, -dkimKeySuffix.length))
    .filter(isSelector);
}

/** The domain, and those above it that somebody may have been given. */
function* candidates(domain: ByteString): Generator<ByteString> {
  for (let name = domain; name.includes('.'); name = name.slice(name.indexOf('.') + 1)) yield name;
}

/** Whether this host signs at all. */
export function hasDkimKeys(system: System, control: Control): boolean {
  return (namesIn(system, dkimDirectory(control)) ?? []).length > 0;
}

/** The keys of one domain. Throws, with the file's name, for what cannot be read. */
export function dkimKeysOf(system: System, control: Control, domain: ByteString): readonly SignedBy[] {
  const directory = `${dkimDirectory(control)}/${domain}`;
  return selectorsOf(system, directory).map((selector) => ({
    domain,
    selector,
    privateKey: readWhole(system, `${directory}/${selector}${dkimKeySuffix}`) ?? '',
  }));
}

/** The keys for mail from a domain; none where it has none. `domain` is a domain name in lower case. */
export function findDkimKeys(system: System, control: Control, domain: ByteString): readonly SignedBy[] {
  for (const name of candidates(domain)) {
    const keys = dkimKeysOf(system, control, name);
    if (keys.length > dkimKeysMax)
      throw new Error(
        `${dkimDirectory(control)}/${name} has more than ${dkimKeysMax} keys: remove those of old`,
      );
    if (keys.length > 0) return keys;
  }
  return [];
}
