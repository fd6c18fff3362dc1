/**
 * Who may send over plain QMQP: control/qmqprules, in the notation of address-rules.ts. Whom no rule allows is denied.
 * Without the file the loopback is allowed and everybody else is denied. It is denied for now: a mistake in the rules
 * loses no mail.
 */
import { isIPv4 } from 'node:net';
import type { Control } from '../control/index.ts';
import { type Answer, type ByteString, errorText, printable } from '../system/index.ts';
import { type AddressRule, type AddressRules, findAddressRule, parseAddressRules } from './address-rules.ts';

export interface QmqpRules {
  /** What a client at this address is told, or undefined when it may send. */
  refusal(ip: ByteString): Answer | undefined;
  /** What its rule sets for a program in the place of the queue. */
  variables(ip: ByteString): Readonly<Record<string, ByteString>>;
}

const ruleFile = 'qmqprules';

const addressShownMax = 100;

function refusalOf(ip: ByteString, reason: string): Answer {
  return {
    verdict: 'Z',
    text: `${printable(ip, addressShownMax)} is not allowed to send here by control/${ruleFile}${reason} (#4.7.1)`,
  };
}

function isLoopback(ip: ByteString): boolean {
  return ip === '::1' || (isIPv4(ip) && ip.startsWith('127.'));
}

const loopbackOnly: QmqpRules = {
  refusal: (ip) => (isLoopback(ip) ? undefined : refusalOf(ip, ', which is missing')),
  variables: () => ({}),
};

/** Nobody is asked for names here. A rule that never holds may be one that its writer counts on. */
function needsName({ address }: AddressRule): boolean {
  return address.includes('@') || address.startsWith('=');
}

/** Throws, with the file's name, when it cannot be read or makes no sense. */
export function readQmqpRules(control: Control): QmqpRules {
  const lines = control.list(ruleFile);
  if (lines === undefined) return loopbackOnly;
  let rules: AddressRules;
  try {
    rules = parseAddressRules(lines, (line) => {
      throw new Error(`this line has no colon: ${printable(line, addressShownMax)}`);
    });
    for (const rule of rules.byAddress.values()) {
      if (needsName(rule))
        throw new Error(`names of clients are not asked for here: ${printable(rule.address)}`);
    }
  } catch (error) {
    throw new Error(`${control.directory}/${ruleFile}: ${errorText(error)}`, { cause: error });
  }
  return {
    refusal: (ip) => (findAddressRule(rules, { ip })?.allow === true ? undefined : refusalOf(ip, '')),
    variables: (ip) => findAddressRule(rules, { ip })?.variables ?? {},
  };
}
