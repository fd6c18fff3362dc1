/** Keys for signatures, and OpenDKIM, which judges what was signed with them. */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { findProgram } from './foreign.ts';
import { temporaryDirectory } from './home.ts';

export interface TestKey {
  readonly domain: string;
  readonly selector: string;
  readonly privateKey: string;
  /** What DNS says of it. */
  readonly record: string;
}

/** In an Ed25519 key's SubjectPublicKeyInfo, what stands before the key (RFC 8410). */
const ed25519HeadBytes = 12;

function publicText(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return der.subarray(key.asymmetricKeyType === 'ed25519' ? ed25519HeadBytes : 0).toString('base64');
}

export function makeTestKey(domain: string, selector: string, type: 'rsa' | 'ed25519'): TestKey {
  const { privateKey, publicKey } =
    type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  return {
    domain,
    selector,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    record: `v=DKIM1; k=${type}; p=${publicText(publicKey)}`,
  };
}

/** Puts keys where a hub looks for them. */
export function keepKeys(home: string, keys: readonly TestKey[]): void {
  for (const { domain, selector, privateKey } of keys) {
    mkdirSync(`${home}/control/dkim/${domain}`, { recursive: true, mode: 0o700 });
    writeFileSync(`${home}/control/dkim/${domain}/${selector}.key`, privateKey, { mode: 0o400 });
  }
}

/** What OpenDKIM says of each signature of a message with CR LF: `rsa-sha256 pass`. */
export function judgedByOpendkim(
  message: Uint8Array,
  keys: readonly Omit<TestKey, 'privateKey'>[],
): readonly string[] {
  const directory = temporaryDirectory();
  const records = keys.map(({ domain, selector, record }) => `${selector}._domainkey.${domain} ${record}\n`);
  writeFileSync(`${directory}/keys`, records.join(''));
  const user = process.getuid?.() === 0 ? 'UserID root\n' : '';
  writeFileSync(`${directory}/conf`, `TestPublicKeys ${directory}/keys\nMode v\nSyslog no\n${user}`);
  writeFileSync(`${directory}/message`, message);
  const args = ['-x', `${directory}/conf`, '-t', `${directory}/message`, '-vv'];
  const printed = execFileSync(findProgram('opendkim') ?? '', args, { encoding: 'latin1', stdio: 'pipe' });
  return [...printed.matchAll(/dkim=([a-z]+)[^;]*header\.a=([a-z0-9-]+)/g)].map(
    ([, result, algorithm]) => `${algorithm} ${result}`,
  );
}
