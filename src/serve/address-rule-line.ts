/**
 * One line of rules for addresses, as tcprules(1) of ucspi-tcp reads it:
 *
 *     rule    = address ":" ( "allow" / "deny" ) *( "," name "=" quote value quote )
 *     address = [ info "@" ] ( ip / "=" host ) / prefix "." / "=." suffix / "=" / ""
 *
 * A quote is any character; the same one ends the value. A part of an IP address may be a range.
 */
import { type ByteString, printable } from '../system/index.ts';

export interface RuleLine {
  /** One, unless it is a range. */
  readonly addresses: readonly ByteString[];
  readonly allow: boolean;
  readonly settings: readonly (readonly [name: string, value: ByteString])[];
}

/** No part of an IPv4 address is larger: a range that goes further ends there. */
const partMax = 255;

const lineShownMax = 200;

export function malformedRule(line: ByteString): Error {
  return new Error(`unable to parse this line: ${printable(line, lineShownMax)}`);
}

/** Throws for text that is not digits. */
export function numberInRule(digits: ByteString, line: ByteString): number {
  for (const digit of digits) if (!'0123456789'.includes(digit)) throw malformedRule(line);
  return Number(digits);
}

/** The addresses that a range stands for; any other address stands for itself. */
function addressesOf(address: ByteString, line: ByteString): readonly ByteString[] {
  const dash = address.indexOf('-');
  if (dash < 0 || address.includes('=') || address.includes('@')) return [address];
  const left = address.lastIndexOf('.', dash) + 1;
  const dot = address.indexOf('.', dash);
  const right = dot < 0 ? address.length : dot;
  const from = numberInRule(address.slice(left, dash), line);
  const to = Math.min(numberInRule(address.slice(dash + 1, right), line), partMax);
  const found: ByteString[] = [];
  for (let part = from; part <= to; part += 1)
    found.push(address.slice(0, left) + part + address.slice(right));
  return found;
}

/** *( "," name "=" quote value quote ) */
function settingsOf(text: ByteString, line: ByteString): RuleLine['settings'] {
  const settings: [string, ByteString][] = [];
  let at = 0;
  while (at < text.length) {
    const equals = text.indexOf('=', at);
    const quote = text.charAt(equals + 1);
    const end = text.indexOf(quote, equals + 2);
    if (text.charAt(at) !== ',' || equals < 0 || quote === '' || end < 0) throw malformedRule(line);
    settings.push([text.slice(at + 1, equals), text.slice(equals + 2, end)]);
    at = end + 1;
  }
  return settings;
}

/** What stands behind the colon. `line` is what an error shows. */
export function parseInstructions(text: ByteString, line: ByteString): Omit<RuleLine, 'addresses'> {
  const allow = text.startsWith('allow');
  if (!allow && !text.startsWith('deny')) throw malformedRule(line);
  return { allow, settings: settingsOf(text.slice(allow ? 'allow'.length : 'deny'.length), line) };
}

/** Undefined for a line without a colon, which is no rule. Throws, with the line, when it cannot be understood. */
export function parseRuleLine(line: ByteString): RuleLine | undefined {
  const colon = line.indexOf(':');
  if (colon < 0) return undefined;
  const instructions = parseInstructions(line.slice(colon + 1), line);
  return { addresses: addressesOf(line.slice(0, colon), line), ...instructions };
}
