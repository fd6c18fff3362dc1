/**
 * Submits one package to the first hub that takes it. The next hub is tried on refusal, timeout, a broken session,
 * an answer that is none, and Z; D ends the search. When a session breaks after its last byte went out, the hub may
 * have taken the message: the same address is asked once more, with the same bytes, before any other, so that a hub
 * that remembers what it took can say so.
 */
import type { Answer, ByteString } from '../src/system/index.ts';
import {
  type ExchangeLimits,
  type ExchangeOutcome,
  type ExchangeWorld,
  exchange,
  reasonText,
} from './exchange.ts';
import { type Hub, hubText } from './hub.ts';
import type { Package } from './package-format.ts';

/** Addresses of one name that are tried. */
const addressesPerNameMax = 16;

/** One session, or an attempt at one. */
export interface Attempt {
  /** The hub as it was named, and the address if that is another. */
  readonly hub: string;
  readonly outcome: ExchangeOutcome;
}

export interface Submitted {
  /** What happened at the last address that was tried; undefined when there was none. */
  readonly outcome: ExchangeOutcome | undefined;
  /** Every attempt, in order. */
  readonly attempts: readonly Attempt[];
}

function isFinal(outcome: ExchangeOutcome): boolean {
  return outcome.kind === 'answered' && outcome.answer.verdict !== 'Z';
}

/** Throws only what reading the package throws. */
export async function submitPackage(
  world: ExchangeWorld,
  hubs: readonly Hub[],
  pack: Package,
  limits: ExchangeLimits,
): Promise<Submitted> {
  const attempts: Attempt[] = [];
  let last: ExchangeOutcome | undefined;

  function note(hub: string, outcome: ExchangeOutcome): ExchangeOutcome {
    attempts.push({ hub, outcome });
    return outcome;
  }

  async function tryAddress(hub: string, address: ByteString, port: number): Promise<ExchangeOutcome> {
    const first = note(hub, await exchange(world, address, port, pack, limits));
    if (first.kind !== 'broken' || !first.sent) return first;
    const second = note(hub, await exchange(world, address, port, pack, limits));
    // Without an answer it stays as it was: the first session broke, and its outcome is unknown.
    return second.kind === 'answered' ? second : first;
  }

  for (const hub of hubs) {
    let addresses: readonly ByteString[];
    try {
      addresses = await world.network.resolve(hub.host);
    } catch (error) {
      last = note(hubText(hub), { kind: 'connect-failed', text: reasonText(error) });
      continue;
    }
    for (const address of addresses.slice(0, addressesPerNameMax)) {
      const name = address === hub.host ? hubText(hub) : `${hubText(hub)} (${address})`;
      last = await tryAddress(name, address, hub.port);
      if (isFinal(last)) return { outcome: last, attempts };
    }
  }
  return { outcome: last, attempts };
}

/** What came of one attempt, in a few words: `192.0.2.1:628: connection refused`. */
export function attemptText(attempt: Attempt): string {
  const { outcome } = attempt;
  return `${attempt.hub}: ${outcome.kind === 'answered' ? answerText(outcome.answer) : outcome.text}`;
}

const said = { K: 'took the message', Z: 'not now', D: 'refused' } as const;

function answerText(answer: Answer): string {
  return `${said[answer.verdict]}: ${answer.text}`;
}
