/** Where qmail-smtpd answers and the original does not, or answers otherwise. */
import { match } from 'node:assert/strict';
import type { NamedCase, Outcome, Rule } from './vectors.ts';

export interface SmtpdCase extends NamedCase {
  readonly env: Readonly<Record<string, string>>;
  readonly control: Readonly<Record<string, string | null>>;
  readonly capture_env: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly exit: number;
  readonly stdout: string;
  readonly msg_out: string | null;
}

const enhanced = /[245]\.\d{1,3}\.\d{1,3}/;

/**
 * What of a session must agree: the codes of its replies, one for the lines of a reply together, the enhanced codes of
 * refusals wherever they stand, and the whole of a reply that says under which number a message was taken.
 */
export function sessionView(value: unknown): unknown {
  const lines = String(value).split('\r\n');
  return lines.slice(0, -1).flatMap((line) => {
    if (line.charAt(3) === '-') return [];
    const code = line.slice(0, 3);
    if (code.startsWith('4') || code.startsWith('5')) return [`${code} ${enhanced.exec(line)?.[0] ?? ''}`];
    const [, taken] = /ok (.* qp .*)$/.exec(line) ?? [];
    return [taken === undefined ? code : `${code} ok ${taken}`];
  });
}

/** What follows DATA in the input, as far as it goes. */
function hasBare(byte: RegExp, { stdin }: SmtpdCase): boolean {
  return byte.test(stdin);
}

const cutShort = (actual: Outcome, code: RegExp): Outcome => {
  match(String(actual['stdout']).split('\r\n').at(-2) ?? '', code);
  return { exit: 1, stdout: actual['stdout'], msg_out: null, env_out: null };
};

export const smtpdRules: readonly Rule<SmtpdCase>[] = [
  {
    reason: 'a message that came after EHLO came with ESMTP (RFC 3848)',
    applies: ({ stdin, msg_out }) => /^EHLO /im.test(stdin) && msg_out?.includes(' with SMTP;') === true,
    expect: ({ msg_out }) => ({ msg_out: msg_out?.replace(' with SMTP;', ' with ESMTP;') }),
  },
  {
    reason: 'a bare LF is refused with an enhanced code, and the session ends there as ever',
    applies: (vector) => hasBare(/[^\r]\n/, vector) && vector.exit === 1,
    expect: (_vector, actual) => cutShort(actual, /^(451 4\.5\.2|500 5\.5\.2) /),
  },
  {
    reason: 'a bare CR is refused as a bare LF is',
    applies: (vector) => hasBare(/\r[^\n]/, vector) && vector.exit === 0,
    expect: (_vector, actual) => cutShort(actual, /^(451 4\.5\.2|500 5\.5\.2) /),
  },
  {
    reason: 'SIZE is spoken: a message that is larger than the limit is refused at MAIL',
    applies: ({ stdin }) => /^MAIL .* SIZE=\d+\r$/im.test(stdin),
    expect: ({ stdout }) => ({ stdout: stdout.replace('250 ok\r\n', '552 5.3.4\r\n') }),
  },
  {
    reason: 'a missing control/rcpthosts opens no relay',
    applies: ({ control }) => control['rcpthosts'] === null,
    expect: ({ stdout }) => ({ stdout: stdout.replace(/250 ok\r\n221/, '553 5.7.1\r\n221') }),
  },
];
