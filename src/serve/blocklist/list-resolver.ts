/** The two questions that are asked of a list in DNS. That a name is not there is an answer; that nobody answers is none. */
import { createResolver, recordsOf } from '../../dns/index.ts';
import type { ByteString } from '../../system/index.ts';

export interface ListResolver {
  /** IPv4 addresses. Rejects when that cannot be known now. */
  addresses(name: ByteString): Promise<readonly string[]>;
  /** Texts, each of one record. */
  texts(name: ByteString): Promise<readonly ByteString[]>;
}

/** How long a question may go unanswered, and how often it is asked: a client waits for it. */
const questionMs = 2_000;
const questionTries = 2;

/** `servers`: ADDRESS or ADDRESS:PORT, in place of those of /etc/resolv.conf. */
export function createListResolver(servers?: readonly string[]): ListResolver {
  const dns = createResolver({ servers, questionMs, questionTries });
  return {
    addresses: async (name) => recordsOf(await dns.ipv4Addresses(name)),
    texts: dns.texts,
  };
}
