/**
 * Which recipients a QMTP client may name: those in control/rcpthosts and morercpthosts, and those without a domain; with
 * RELAYCLIENT any, and its value is appended to each.
 */
import { splitAddress } from '../../mail/index.ts';
import type { Answer, ByteString } from '../../system/index.ts';
import type { RecipientHosts } from '../smtp/recipient-hosts.ts';
import type { QmtpJudgement } from './session.ts';

const notHere: Answer = {
  verdict: 'D',
  text: "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
};

const tooLong: Answer = { verdict: 'D', text: "sorry, I can't handle that recipient (#5.1.3)" };

export function judgeQmtpRecipient(
  address: ByteString,
  hosts: RecipientHosts,
  relayClient: ByteString | undefined,
  addressBytesMax: number,
): QmtpJudgement {
  if (relayClient === undefined) {
    const { domain } = splitAddress(address);
    const isTaken = domain === undefined || hosts.has(domain);
    return isTaken ? { ok: true, address } : { ok: false, answer: notHere };
  }
  const relayed = address + relayClient;
  return relayed.length > addressBytesMax ? { ok: false, answer: tooLong } : { ok: true, address: relayed };
}
