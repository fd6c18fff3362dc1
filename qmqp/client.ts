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
  type SecureTarget,
} from './exchange.ts';
import { type Hub, hubText } from './hub.ts';
import type { Package } from './package-format.ts';

/** Addresses of one name that are tried. */
const addressesPerNameMax = 16;

/** One session, or an attempt at one. */
export interface Attempt {
  /** The hub as it was named, and the address if that is another. */
  readonly hub: string;
  /** `ADDRESS:PORT`; undefined when the name has led to no address. */
  readonly place: string | undefined;
  readonly outcome: ExchangeOutcome;
}

/** What is known of a package from before, and what may be done with it. */
export interface SubmitRules {
  /** Places (`ADDRESS:PORT`) where a session broke after the last byte of this package: asked before any other. */
  readonly unknownAt?: readonly string[];
  /** While a place may have the package, no other is tried. */
  readonly alone?: boolean;
  /** Called before a place is tried; false passes it over. */
  enter?(place: string, attempts: readonly Attempt[]): boolean;
}

export interface Submitted {
  /** What happened at the last address that was tried; undefined when there was none. */
  readonly outcome: ExchangeOutcome | undefined;
  /** Every attempt, in order. */
  readonly attempts: readonly Attempt[];
  /** Places that may have the package, although none has said so. */
  readonly unknownAt: readonly string[];
}

/** An address of a hub, or why there is none. */
interface Place {
  readonly hub: string;
  readonly host: ByteString;
  readonly port: number;
  /** undefined: `failure` says why the name has no address. */
  readonly place: string | undefined;
  readonly failure: ExchangeOutcome | undefined;
  /** In TLS. */
  readonly target?: SecureTarget | undefined;
}

function isFinal(outcome: ExchangeOutcome): boolean {
  return outcome.kind === 'answered' && outcome.answer.verdict !== 'Z';
}

function targetOf({ pins, host }: Hub, address: ByteString): SecureTarget | undefined {
  return pins === undefined ? undefined : { pins, serverName: address === host ? undefined : host };
}

async function placesOf(world: ExchangeWorld, hub: Hub): Promise<readonly Place[]> {
  let addresses: readonly ByteString[];
  try {
    addresses = await world.network.resolve(hub.host);
  } catch (error) {
    const failure: ExchangeOutcome = { kind: 'connect-failed', text: reasonText(error) };
    return [{ hub: hubText(hub), host: hub.host, port: hub.port, place: undefined, failure }];
  }
  return addresses.slice(0, addressesPerNameMax).map((address) => ({
    hub: address === hub.host ? hubText(hub) : `${hubText(hub)} (${address})`,
    host: address,
    port: hub.port,
    place: hubText({ host: address, port: hub.port }),
    failure: undefined,
    target: targetOf(hub, address),
  }));
}

/** What is known while one place after the other is tried. */
interface Search {
  readonly world: ExchangeWorld;
  readonly pack: Package;
  readonly limits: ExchangeLimits;
  readonly rules: SubmitRules;
  readonly attempts: Attempt[];
  /** Places that may have the package. */
  unknown: readonly string[];
  last: ExchangeOutcome | undefined;
}

/**
 * All places, those that may have the package first. A place that no hub has any more will never answer: it is forgotten,
 * unless a name that cannot be looked up now may be the one that leads there.
 */
async function orderedPlaces(search: Search, hubs: readonly Hub[]): Promise<readonly Place[]> {
  const all: Place[] = [];
  for (const hub of hubs) all.push(...(await placesOf(search.world, hub)));
  if (all.every(({ place }) => place !== undefined)) {
    search.unknown = search.unknown.filter((mark) => all.some(({ place }) => place === mark));
  }
  const isUnknown = ({ place }: Place) => place !== undefined && search.unknown.includes(place);
  return [...all.filter(isUnknown), ...all.filter((place) => !isUnknown(place))];
}

async function tryPlace(search: Search, place: Place, mark: string): Promise<ExchangeOutcome> {
  const { world, pack, limits, attempts } = search;
  const { hub, host, port, target } = place;
  const first = await exchange(world, host, port, pack, limits, target);
  attempts.push({ hub, place: mark, outcome: first });
  if (first.kind !== 'broken' || !first.sent) return first;
  if (!search.unknown.includes(mark)) search.unknown = [...search.unknown, mark];
  const second = await exchange(world, host, port, pack, limits, target);
  attempts.push({ hub, place: mark, outcome: second });
  // Without an answer it stays as it was: the first session broke, and its outcome is unknown.
  return second.kind === 'answered' ? second : first;
}

/** Whether a place is to be left alone, since another one may have the package. */
function mustWait({ rules, unknown }: Search, place: string): boolean {
  return rules.alone === true && unknown.length > 0 && !unknown.includes(place);
}

/** Answers whether the search is over. */
async function tryAll(search: Search, places: readonly Place[]): Promise<boolean> {
  for (const place of places) {
    if (place.failure !== undefined) {
      search.last = place.failure;
      search.attempts.push({ hub: place.hub, place: place.place, outcome: place.failure });
    } else if (place.place !== undefined && !mustWait(search, place.place)) {
      if (search.rules.enter?.(place.place, search.attempts) === false) continue;
      search.last = await tryPlace(search, place, place.place);
      if (isFinal(search.last)) return true;
    }
  }
  return false;
}

const nowhere: readonly string[] = [];

/** Throws only what reading the package throws. */
export async function submitPackage(
  world: ExchangeWorld,
  hubs: readonly Hub[],
  pack: Package,
  limits: ExchangeLimits,
  rules: SubmitRules = {},
): Promise<Submitted> {
  const unknown = rules.unknownAt ?? nowhere;
  const search: Search = { world, pack, limits, rules, attempts: [], unknown, last: undefined };
  let isOver = false;
  if (unknown.length > 0) {
    isOver = await tryAll(search, await orderedPlaces(search, hubs));
  } else {
    for (const hub of hubs) {
      isOver = await tryAll(search, await placesOf(world, hub));
      if (isOver) break;
    }
  }
  return { outcome: search.last, attempts: search.attempts, unknownAt: isOver ? nowhere : search.unknown };
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
