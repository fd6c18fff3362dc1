/**
 * Sends a message to a destination: over a connection that was kept, or to one address after the other until one of them
 * decides. Where nothing was decided and nothing is in doubt the next one is tried (RFC 5321 5.1).
 */
import type { Answer, ByteString } from '../system/index.ts';
import { allAnswered } from './answers.ts';
import { type HopOptions, type Hops, hopsOfDomain, hopsOfRelay } from './hops.ts';
import type { Outgoing } from './outgoing.ts';
import type { DomainPolicy, FindDomainPolicy, Route, TlsDemand } from './route.ts';
import type { RemoteSettings } from './settings.ts';
import type { Timeouts } from './timeouts.ts';
import type { Connection, Delivered, Demands, Hop, Transport } from './transport.ts';

export interface Destination {
  readonly route: Route;
  /** Whose mail hosts are asked for where the route has no relay. */
  readonly domain: ByteString;
}

export interface MailSender {
  /** A protocol that is not there is one that nothing here speaks. */
  readonly transports: Readonly<Partial<Record<Route['protocol'], Transport>>>;
  readonly hopOptions: (settings: RemoteSettings) => HopOptions;
  readonly timeouts: Timeouts;
  /** Milliseconds; only differences count. */
  readonly monotonic: () => number;
  readonly findPolicy: FindDomainPolicy;
}

export interface Sent {
  readonly delivered: Delivered;
  /** The connection that takes another message, if there is one. */
  readonly connection: Connection | undefined;
}

const stricter: Readonly<Record<TlsDemand, number>> = { no: 0, may: 1, must: 2, verify: 3 };

function demandsOf(
  { tls, implicitTls, user }: Route,
  policy: DomainPolicy | undefined,
  settings: RemoteSettings,
): Demands {
  const policyTls = policy?.tls ?? 'no';
  return {
    tls: stricter[policyTls] > stricter[tls] ? policyTls : tls,
    implicitTls,
    login: user === undefined ? undefined : settings.loginOf(user),
  };
}

function resting({ address }: Hop): Answer {
  return { verdict: 'Z', text: `${address} did not answer lately and is left alone for a while. (#4.4.1)\n` };
}

/**
 * How long one address after the other is tried for a message. Hosts that take connections and let one wait, twenty of
 * which a domain may have, would otherwise hold up the mail for all others for days.
 */
export const hopsMsMax = 1_800_000;

interface Attempt {
  readonly hops: readonly Hop[];
  readonly transport: Transport;
  readonly demands: Demands;
  readonly outgoing: Outgoing;
  /** When no other hop is begun with. */
  readonly untilMs: number;
  /** What became of it so far. */
  readonly before: Delivered;
}

async function tryHops(
  { hops, transport, demands, outgoing, untilMs, before }: Attempt,
  { timeouts, monotonic }: MailSender,
): Promise<Sent> {
  let delivered = before;
  for (const hop of hops) {
    if (monotonic() >= untilMs) break;
    if (timeouts.isResting(hop.address)) {
      delivered = allAnswered(resting(hop));
      continue;
    }
    const opening = await transport.open(hop, demands);
    if (!opening.ok) {
      if (opening.timedOut) timeouts.timedOut(hop.address);
      else timeouts.answered(hop.address);
      delivered = allAnswered(opening.answer);
      continue;
    }
    timeouts.answered(hop.address);
    const { connection } = opening;
    delivered = await connection.deliver(outgoing);
    if (!delivered.undecided) return { delivered, connection: connection.isOpen ? connection : undefined };
    connection.close();
  }
  return { delivered, connection: undefined };
}

/** The sender of a double bounce: what it says is of use within a host, and it leaves as a bounce's. */
const doubleBounceSender = '#@[]';

/** A message as others are to see it. */
export function asLeaving(given: Outgoing): Outgoing {
  return given.sender === doubleBounceSender ? { ...given, sender: '' } : given;
}

/** Rejects when there is something wrong here. */
export async function sendMail(
  sender: MailSender,
  { route, domain }: Destination,
  given: Outgoing,
  settings: RemoteSettings,
  kept?: Connection,
): Promise<Sent> {
  const outgoing = asLeaving(given);
  const untilMs = sender.monotonic() + hopsMsMax;
  let before = allAnswered({ verdict: 'Z', text: 'There is no host to send to. (#4.4.4)\n' });
  if (kept !== undefined) {
    before = await kept.deliver(outgoing);
    if (!before.undecided) return { delivered: before, connection: kept.isOpen ? kept : undefined };
    // The server has closed it before it heard of the message.
    kept.close();
  }
  const hopOptions = sender.hopOptions(settings);
  const policy = route.relay === undefined ? await sender.findPolicy(domain) : undefined;
  const demands = demandsOf(route, policy, settings);
  const hops: Hops =
    route.relay === undefined
      ? await hopsOfDomain(domain, policy, hopOptions)
      : await hopsOfRelay(route.relay, hopOptions);
  if (!hops.ok) return { delivered: allAnswered(hops.answer), connection: undefined };
  const transport = sender.transports[route.protocol];
  if (transport === undefined)
    throw new Error(`nothing here speaks ${route.protocol}, which a route demands`);
  return await tryHops({ hops: hops.hops, transport, demands, outgoing, untilMs, before }, sender);
}
