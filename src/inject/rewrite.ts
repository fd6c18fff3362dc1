/**
 * What becomes of one address, by the rules of qmail-header(5): a source route goes, a box without a host gets the
 * default host, a host that ends with + gets the plus domain instead, a host without dots the default domain.
 */

import { type RewriteAddress, type Token, word } from '../mail/index.ts';
import { last } from '../system/index.ts';

/** What is put behind an address, as tokens that begin with @ or with a dot. */
export interface Completions {
  readonly host: readonly Token[];
  readonly domain: readonly Token[];
  readonly plus: readonly Token[];
}

/** foo@[] is the form of a VERP sender and never completed. */
function isVerp(address: readonly Token[]): boolean {
  const [at, literal] = address.slice(-2);
  return at?.kind === '@' && literal?.kind === 'literal' && literal.text === '';
}

/** @a,@b:box@host loses everything up to the colon; without a colon nothing is left. */
function withoutRoute(address: readonly Token[]): readonly Token[] {
  if (address[0]?.kind !== '@') return address;
  const colon = address.findIndex(({ kind }) => kind === ':');
  return colon < 0 ? [] : address.slice(colon + 1);
}

function withoutLast(address: readonly Token[], kind: Token['kind']): readonly Token[] {
  return last(address)?.kind === kind ? address.slice(0, -1) : address;
}

function withPlus(address: readonly Token[], plus: readonly Token[]): readonly Token[] {
  const end = last(address);
  if (end?.kind !== 'atom' || !end.text.endsWith('+')) return address;
  return [...address.slice(0, -1), word('atom', end.text.slice(0, -1)), ...plus];
}

function withDomain(address: readonly Token[], domain: readonly Token[]): readonly Token[] {
  const at = address.map(({ kind }) => kind).lastIndexOf('@');
  const complete = address.slice(at + 1).some(({ kind }) => kind === '.' || kind === 'literal');
  return complete ? address : [...address, ...domain];
}

/** The rewriting of one address; the empty address stays empty. */
export function createRewrite({ host, domain, plus }: Completions): RewriteAddress {
  return (address) => {
    if (isVerp(address)) return address;
    const bare = withoutLast(withoutLast(withoutRoute(address), '.'), '@');
    if (bare.length === 0) return bare;
    const hosted = bare.some(({ kind }) => kind === '@') ? bare : [...bare, ...host];
    return withDomain(withPlus(hosted, plus), domain);
  };
}
