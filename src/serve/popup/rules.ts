/** Which addresses may connect for POP3: control/pop3rules, in the notation of address-rules.ts. Whom no rule denies may. */
import type { Control } from '../../control/index.ts';
import { type ByteString, printable } from '../../system/index.ts';
import { findAddressRule } from '../address-rules.ts';
import { readRuleFile } from '../rule-file.ts';

const ruleFile = 'pop3rules';

/** Throws, with the file's name, when it cannot be read or makes no sense. */
export function readPopupRules(control: Control): (ip: ByteString) => boolean {
  const rules = readRuleFile(control, ruleFile);
  if (rules === undefined) return () => true;
  for (const { address, variables } of rules.byAddress.values()) {
    if (Object.keys(variables).length > 0)
      throw new Error(
        `${control.directory}/${ruleFile}: the rule for ${printable(address)} sets variables, and nobody reads them here`,
      );
  }
  return (ip) => findAddressRule(rules, { ip })?.allow ?? true;
}
