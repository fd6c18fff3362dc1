/** Rules for the addresses of clients in a control file, which a listener reads itself: in the notation of address-rules.ts. */
import type { Control } from '../control/index.ts';
import { errorText, printable } from '../system/index.ts';
import { type AddressRule, type AddressRules, parseAddressRules } from './address-rules.ts';

const lineShownMax = 100;

/** Nobody is asked for names here. A rule that never holds may be one that its writer counts on. */
function needsName({ address }: AddressRule): boolean {
  return address.includes('@') || address.startsWith('=');
}

/** Undefined without the file. Throws, with the file's name, when it cannot be read or makes no sense. */
export function readRuleFile(control: Control, name: string): AddressRules | undefined {
  const lines = control.list(name);
  if (lines === undefined) return undefined;
  try {
    const rules = parseAddressRules(lines, (line) => {
      throw new Error(`this line has no colon: ${printable(line, lineShownMax)}`);
    });
    for (const rule of rules.byAddress.values()) {
      if (needsName(rule))
        throw new Error(`names of clients are not asked for here: ${printable(rule.address)}`);
    }
    return rules;
  } catch (error) {
    throw new Error(`${control.directory}/${name}: ${errorText(error)}`, { cause: error });
  }
}
