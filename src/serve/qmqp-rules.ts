/**
 * Who may send over plain QMQP: control/qmqprules, in the notation of address-rules.ts. Whom no rule allows is denied.
 * Without the file the loopback is allowed and everybody else is denied. It is denied for now: a mistake in the rules
 * loses no mail.
 */
import { isIPv4 } from 'node:net';
import type { Control } from '../control/index.ts';
import { type Answer, type ByteString, printable } from '../system/index.ts';
import { findAddressRule } from './address-rules.ts';
import { readRuleFile } from './rule-file.ts';

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

/** Throws, with the file's name, when it cannot be read or makes no sense. */
export function readQmqpRules(control: Control): QmqpRules {
  const rules = readRuleFile(control, ruleFile);
  if (rules === undefined) return loopbackOnly;
  return {
    refusal: (ip) => (findAddressRule(rules, { ip })?.allow === true ? undefined : refusalOf(ip, '')),
    variables: (ip) => findAddressRule(rules, { ip })?.variables ?? {},
  };
}
