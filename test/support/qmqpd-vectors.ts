/** Where qmail-qmqpd answers and the original does not: what is malformed gets a reply, and is seen earlier. */
import { ok } from 'node:assert/strict';
import { enhancedCodes } from './vector-pattern.ts';
import type { NamedCase, Outcome, Rule } from './vectors.ts';

export interface QmqpdCase extends NamedCase {
  readonly env: Readonly<Record<string, string>>;
  readonly control: Readonly<Record<string, string>>;
  readonly capture_env: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly exit: number;
  readonly stdout: string;
}

const reply = /^(?:[0-9]+|<LEN>):([KZD])(.*),$/s;

/** What of a reply must agree: its letter and codes, and the whole of a K, which says when and under which number. */
export function replyView(value: unknown): unknown {
  const [, letter, text] = reply.exec(String(value)) ?? [];
  if (letter === undefined) return value;
  return letter === 'K' ? `K${text}` : [letter, ...enhancedCodes(text)];
}

/** A reply must be a netstring, to the byte. */
export function checkReply(text: string): string {
  const [, digits, rest = ''] = /^([0-9]+):(.*)$/s.exec(text) ?? [];
  ok(text === '' || rest.length === Number(digits) + 1, `not a netstring: ${text}`);
  return text;
}

/** Whether a length of the request, as far as it can be read, has a leading zero. */
function hasLeadingZero(request: string): boolean {
  const [, outer = '', rest = ''] = /^([0-9]*):(.*)$/s.exec(request) ?? [];
  let left = rest;
  if (/^0[0-9]/.test(outer)) return true;
  for (;;) {
    const [head, digits = ''] = /^([0-9]*):/.exec(left) ?? [];
    if (head === undefined) return /^0[0-9]/.test(left);
    if (/^0[0-9]/.test(digits)) return true;
    left = left.slice(head.length + Number(digits) + 1);
  }
}

/** Whether an inner netstring announces more than the outer one has room for: seen at once, not when it runs out. */
function overruns(request: string): boolean {
  const [outerHead, outer = ''] = /^([0-9]*):/.exec(request) ?? [];
  if (outerHead === undefined) return false;
  let left = Number(outer);
  let rest = request.slice(outerHead.length);
  for (;;) {
    const [head, digits = ''] = /^([0-9]*):/.exec(rest) ?? [];
    if (head === undefined) return false;
    left -= head.length + Number(digits) + 1;
    if (left < 0) return true;
    rest = rest.slice(head.length + Number(digits) + 1);
  }
}

/** The reply to what is malformed or too large. */
function refusal(actual: Outcome, exit: number): Outcome {
  const [letter, code] = replyView(actual['stdout']) as readonly string[];
  ok(letter === 'D' && (code === '(#5.5.2)' || code === '(#5.3.4)'), 'what is malformed is refused');
  return { exit, stdout: actual['stdout'], msg_out: null, env_out: null };
}

export const qmqpdRules: readonly Rule<QmqpdCase>[] = [
  {
    reason: 'what is malformed, or larger than the limit, is answered with D at once',
    applies: ({ exit, stdout }) => exit !== 0 && stdout === '',
    expect: ({ exit }, actual) => refusal(actual, exit),
  },
  {
    reason: 'a length has no leading zeros',
    applies: ({ exit, stdin }) => exit === 0 && hasLeadingZero(stdin),
    expect: (_vector, actual) => refusal(actual, 100),
  },
  {
    reason: 'a netstring that does not fit into the outer one is refused at its length',
    applies: ({ exit, stdout, stdin }) => exit === 0 && stdout === '' && overruns(stdin),
    expect: (_vector, actual) => refusal(actual, 100),
  },
];
