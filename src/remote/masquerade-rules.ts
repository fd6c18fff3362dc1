/**
 * Which senders leave under another address: control/masquerade, lines of
 *
 *     rule    = what ":" instead
 *     what    = box "@" host / host / "." suffix
 *     instead = host / box "@" host
 *
 * The most exact rule counts: the address, then the host, then the longer suffix. A host takes the place of the host, an
 * address that of the whole. Capitals make no difference.
 */
import type { Control } from '../control/index.ts';
import { splitAddress } from '../mail/index.ts';
import { type ByteString, lowerAscii, printable } from '../system/index.ts';

const file = 'masquerade';

/** Bytes of an address that a rule may lead to. */
export const masqueradeBytesMax = 900;

export interface MasqueradeRules {
  readonly isEmpty: boolean;
  /** The address under which it leaves; the same one when no rule is for it. */
  rewrite(address: ByteString): ByteString;
}

/** What may stand in a name of a host that goes into header fields: no blank, and nothing that needs quotes. */
function isHost(text: ByteString): boolean {
  if (text === '') return false;
  for (const character of text) if (character <= ' ' || '"()<>[]:;@\\,\x7f'.includes(character)) return false;
  return true;
}

function isTarget(instead: ByteString): boolean {
  const { local, domain } = splitAddress(instead);
  return isHost(domain ?? local) && local !== '' && instead.length <= masqueradeBytesMax;
}

/** Throws, with the file's name and the line, when a rule cannot be understood. */
export function readMasqueradeRules(control: Control): MasqueradeRules {
  const rules = new Map<ByteString, ByteString>();
  for (const line of control.list(file) ?? []) {
    const colon = line.lastIndexOf(':');
    const what = lowerAscii(line.slice(0, Math.max(colon, 0)));
    const instead = line.slice(colon + 1);
    const { local, domain } = splitAddress(what);
    if (colon < 0 || !isHost(domain ?? local) || !isTarget(instead))
      throw new Error(`${control.directory}/${file}: this is no rule: ${printable(line, 200)}`);
    if (!rules.has(what)) rules.set(what, instead);
  }

  function instead(address: ByteString): ByteString | undefined {
    const lower = lowerAscii(address);
    const { domain } = splitAddress(lower);
    if (domain === undefined || domain === '') return undefined;
    const exact = rules.get(lower) ?? rules.get(domain);
    if (exact !== undefined) return exact;
    for (let dot = domain.indexOf('.'); dot >= 0; dot = domain.indexOf('.', dot + 1)) {
      const found = rules.get(domain.slice(dot));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return {
    isEmpty: rules.size === 0,
    rewrite(address) {
      const found = instead(address);
      if (found === undefined) return address;
      return found.includes('@') ? found : `${splitAddress(address).local}@${found}`;
    },
  };
}
