/**
 * Policies that were fetched, one file for each domain: the id of its record, when the policy was fetched, and its text. They
 * hold for as long as they say (RFC 8461 5.1), also when neither DNS nor the web server answers.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type ByteString, errorCode } from '../../system/index.ts';
import { parseStsPolicy, type StsPolicy } from './policy.ts';

export interface KeptPolicy {
  readonly id: ByteString;
  readonly fetchedMs: number;
  readonly text: ByteString;
}

export interface PolicyStore {
  /** Undefined when there is none that still holds. */
  read(domain: ByteString, nowMs: number): (KeptPolicy & { readonly policy: StsPolicy }) | undefined;
  /** Throws when it cannot be written. */
  write(domain: ByteString, kept: KeptPolicy): void;
}

/** `directory` is made when it is needed. `domain` is a domain name in lower case. */
export function openPolicyStore(directory: string): PolicyStore {
  const pathOf = (domain: ByteString) => `${directory}/${domain}`;
  return {
    read(domain, nowMs) {
      let all: string;
      try {
        all = readFileSync(pathOf(domain), 'latin1');
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return undefined;
        throw error;
      }
      const [id = '', fetched = '', ...lines] = all.split('\n');
      const text = lines.join('\n');
      const policy = parseStsPolicy(text);
      const fetchedMs = Number(fetched);
      if (policy !== undefined && nowMs < fetchedMs + policy.maxAgeSeconds * 1000)
        return { id, fetchedMs, text, policy };
      rmSync(pathOf(domain), { force: true });
      return undefined;
    },
    write(domain, { id, fetchedMs, text }) {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      // No domain has a name that begins with a dot.
      const fresh = `${directory}/.${domain}.${process.pid}`;
      writeFileSync(fresh, `${id}\n${fetchedMs}\n${text}`, { encoding: 'latin1', mode: 0o600 });
      renameSync(fresh, pathOf(domain));
    },
  };
}
