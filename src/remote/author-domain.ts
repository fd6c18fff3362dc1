/** The domain of a message's author: the one that a signature has to be of, and that DMARC (RFC 7489 3.1) looks at. */
import { domainToASCII } from 'node:url';
import { addressText, fieldName, rewriteField, splitAddress } from '../mail/index.ts';
import { type ByteString, lowerAscii } from '../system/index.ts';

const domainBytesMax = 255;
const labelBytesMax = 63;

const nameCharacters = new Set('abcdefghijklmnopqrstuvwxyz0123456789-_');

/** Whether a text in lower case may be the name of a domain, and of a directory: labels with dots between them. */
export function isDomainName(text: ByteString): boolean {
  if (text.length > domainBytesMax) return false;
  return text
    .split('.')
    .every(
      (label) =>
        label.length > 0 &&
        label.length <= labelBytesMax &&
        [...label].every((character) => nameCharacters.has(character)),
    );
}

/** As DNS has it: in lower case, and ASCII (RFC 5890). Undefined when it can be no name. */
function asciiDomain(domain: ByteString): ByteString | undefined {
  const isAscii = [...domain].every((character) => character < '\x80');
  const name = isAscii ? lowerAscii(domain) : domainToASCII(Buffer.from(domain, 'latin1').toString('utf8'));
  return isDomainName(name) ? name : undefined;
}

/** Undefined unless the header has exactly one From field, and an address in it. The first address counts. */
export function authorDomain(fields: readonly ByteString[]): ByteString | undefined {
  const [from, ...more] = fields.filter((field) => fieldName(field) === 'from');
  if (from === undefined || more.length > 0) return undefined;
  let first: ByteString | undefined;
  const parsed = rewriteField(from, (address) => {
    // The last one is read first.
    first = addressText(address);
    return address;
  });
  if (parsed === undefined || first === undefined) return undefined;
  const { domain } = splitAddress(first);
  return domain === undefined ? undefined : asciiDomain(domain);
}
