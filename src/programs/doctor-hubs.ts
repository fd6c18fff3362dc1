/**
 * The part of qmail-doctor that looks at the hubs: is there one in control/qmqpservers, has its name an address, does
 * something listen there, and does it speak QMQP. What is sent is an empty netstring, which is no message to anybody.
 */
import {
  type Attempt,
  type ExchangeLimits,
  type Hub,
  hubText,
  type Package,
  parseHubs,
  submitPackage,
} from '../../qmqp/index.ts';
import { openControl } from '../control/index.ts';
import { exchangeWorld, qmqpTimeouts } from '../submit/index.ts';
import { type ByteString, bytesOf, errorCode, errorText, printable, type System } from '../system/index.ts';
import type { Finding } from './doctor-finding.ts';

/** As long as a message would wait, and no longer than somebody who looks at a screen. */
const patienceSecondsMax = 10;
const replyTextMax = 200;

const nothing = bytesOf('0:,');

const probe: Package = {
  sizeBytes: nothing.length,
  *pieces() {
    yield nothing;
  },
};

/** What to do, by the beginning of what went wrong. */
const advices: readonly (readonly [begin: string, advice: string])[] = [
  ['no such host name', 'look at its spelling, and at /etc/resolv.conf'],
  ['host name lookup failed', 'look whether the name server in /etc/resolv.conf answers'],
  ['connection refused', 'look whether the hub runs, and listens at this address and port'],
  ['connecting timed out', 'look whether the address is right, and whether a packet filter is in the way'],
  ['no route to the host', 'look at the address, and at ip route'],
  ['network unreachable', 'look at the address, and at ip route'],
  ['no answer', 'look whether a hub listens there, and how busy it is'],
  ['its key', "ask the hub's operator for its fingerprint, and change the pin only if that is it"],
  ['the answer is', 'something else listens there: look at the port, which is 628 for QMQP'],
];

function problem(what: string, says: string): Finding {
  const advice = advices.find(([begin]) => says.startsWith(begin))?.[1];
  return { what, state: 'problem', says, ...(advice === undefined ? {} : { advice }) };
}

function judge(what: string, { outcome }: Attempt): Finding {
  if (outcome.kind !== 'answered') {
    // qmail's own server hangs up on what is no message.
    if (outcome.kind !== 'broken' || !hungUp(outcome.text))
      return problem(what, printable(outcome.text, replyTextMax));
    const says = 'is connected, and hangs up on what is no message, as some hubs do; --send tells more';
    return { what, state: 'ok', says };
  }
  const { verdict } = outcome.answer;
  const text = printable(outcome.answer.text, replyTextMax);
  switch (verdict) {
    case 'D':
      return { what, state: 'ok', says: 'speaks QMQP' };
    case 'Z':
      return {
        what,
        state: 'problem',
        says: `takes nothing from here now: ${text}`,
        advice: "look at the hub's log, and whether it knows this host",
      };
    case 'K':
      return { what, state: 'problem', says: `says that it took a message where there was none: ${text}` };
  }
}

function hungUp(text: string): boolean {
  return text.startsWith('connection closed') || text.includes('reset by the hub');
}

async function inspectHub(system: System, hub: Hub, limits: ExchangeLimits): Promise<readonly Finding[]> {
  const what = `hub ${hubText(hub)}`;
  let addresses: readonly ByteString[];
  try {
    addresses = await system.network.resolve(hub.host);
  } catch (error) {
    const says = { ENOTFOUND: 'no such host name', EAI_AGAIN: 'host name lookup failed for now' }[
      errorCode(error)
    ];
    return [problem(what, says ?? errorText(error))];
  }
  const findings: Finding[] = [];
  for (const address of addresses) {
    const name = address === hub.host ? what : `${what} (${address})`;
    const { attempts } = await submitPackage(
      exchangeWorld(system),
      [{ ...hub, host: address }],
      probe,
      limits,
    );
    const last = attempts.at(-1);
    if (last !== undefined) findings.push(judge(name, last));
  }
  return findings;
}

/** One hub that works is enough for mail to go out; without any, it does not. */
function weigh(findings: readonly Finding[]): readonly Finding[] {
  if (!findings.some(({ state }) => state === 'ok')) return findings;
  return findings.map((finding) =>
    finding.state === 'problem' ? { ...finding, state: 'warning' } : finding,
  );
}

export async function inspectHubs(system: System): Promise<readonly Finding[]> {
  const what = 'control/qmqpservers';
  const control = openControl(system);
  const lines = control.list('qmqpservers');
  const { hubs, rejected } = parseHubs(lines ?? []);
  const unread = rejected.map((line): Finding => {
    const says = `${printable(line, replyTextMax)} is no address`;
    return { what, state: 'warning', says, advice: 'write HOST or HOST:PORT, one on a line' };
  });
  if (hubs.length === 0) {
    const says = lines === undefined ? 'is missing: no mail goes out' : 'names no hub: no mail goes out';
    return [...unread, { what, state: 'problem', says, advice: 'write the hubs into it, one on a line' }];
  }
  const wait = (name: 'timeoutconnect' | 'timeoutremote') =>
    Math.min(Math.max(control.number(name, qmqpTimeouts[name]), 1), patienceSecondsMax) * 1000;
  const limits = {
    connectMs: wait('timeoutconnect'),
    idleMs: wait('timeoutremote'),
    totalMs: wait('timeoutremote'),
  };
  const findings: Finding[] = [];
  for (const hub of hubs) findings.push(...(await inspectHub(system, hub, limits)));
  return [...unread, ...weigh(findings)];
}
