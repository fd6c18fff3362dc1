/**
 * Who may connect for SMTP, and what they may: control/smtprules, in the notation of address-rules.ts; another protocol has
 * a file of its own. Whom no rule denies may connect. RELAYCLIENT and DATABYTES of a rule mean what they do in
 * qmail-smtpd(8); its variables are for a program in the place of the queue as well.
 */
import type { Control } from '../../control/index.ts';
import type { ByteString } from '../../system/index.ts';
import { findAddressRule } from '../address-rules.ts';
import { readRuleFile } from '../rule-file.ts';
import { databytesOf } from './limits.ts';

export interface ClientRule {
  readonly allowed: boolean;
  readonly relayClient: ByteString | undefined;
  /** In place of the operator's limit for all. */
  readonly messageBytesMax: number | undefined;
  readonly variables: Readonly<Record<string, ByteString>>;
}

export interface ClientRules {
  of(ip: ByteString): ClientRule;
}

/** What the variables of a rule, or of the environment, say about a client. */
export function clientOf(allowed: boolean, variables: ClientRule['variables']): ClientRule {
  return {
    allowed,
    relayClient: variables['RELAYCLIENT'],
    messageBytesMax: databytesOf(variables['DATABYTES']),
    variables,
  };
}

const everybody = clientOf(true, {});

/** Throws, with the file's name, when it cannot be read or makes no sense. */
export function readClientRules(control: Control, file = 'smtprules'): ClientRules {
  const rules = readRuleFile(control, file);
  if (rules === undefined) return { of: () => everybody };
  return {
    of(ip) {
      const rule = findAddressRule(rules, { ip });
      return rule === undefined ? everybody : clientOf(rule.allow, rule.variables);
    },
  };
}
