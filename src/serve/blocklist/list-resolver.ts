/** The two questions that are asked of a list in DNS. That a name is not there is an answer; that nobody answers is none. */
import { Resolver } from 'node:dns/promises';
import type { ByteString } from '../../system/index.ts';
import { byteStringOf, errorCode } from '../../system/index.ts';

export interface ListResolver {
  /** IPv4 addresses. Rejects when that cannot be known now. */
  addresses(name: ByteString): Promise<readonly string[]>;
  /** Texts, each of one record. */
  texts(name: ByteString): Promise<readonly ByteString[]>;
}

/** How long a question may go unanswered, and how often it is asked: a client waits for it. */
const questionMs = 2_000;
const questionTries = 2;

const absent = ['ENODATA', 'ENOTFOUND'];

async function orNothing<Record>(ask: Promise<Record[]>): Promise<readonly Record[]> {
  try {
    return await ask;
  } catch (error) {
    if (absent.includes(errorCode(error))) return [];
    throw error;
  }
}

/** `servers`: ADDRESS or ADDRESS:PORT, in place of those of /etc/resolv.conf. */
export function createListResolver(servers?: readonly string[]): ListResolver {
  const dns = new Resolver({ timeout: questionMs, tries: questionTries });
  if (servers !== undefined) dns.setServers(servers);
  return {
    addresses: (name) => orNothing(dns.resolve4(name)),
    async texts(name) {
      const records = await orNothing(dns.resolveTxt(name));
      return records.map((parts) => byteStringOf(parts.join('')));
    },
  };
}
