/** A certificate authority of a test's own, and keys of servers that it has signed. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findProgram } from './foreign.ts';
import { temporaryDirectory } from './home.ts';

export interface ServerKey {
  readonly key: string;
  readonly cert: string;
  /** The authority's certificate. */
  readonly authority: string;
}

/** For the options of a test that needs keys. */
export const keysMissing: string | false = findProgram('openssl') === undefined && 'openssl: not installed';

function openssl(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
}

/** A key for servers of these names, which may be addresses. */
export function makeServerKey(names: readonly string[], kind: 'ec' | 'rsa' = 'ec'): ServerKey {
  const directory = temporaryDirectory();
  const path = (name: string) => `${directory}/${name}`;
  const algorithm = kind === 'rsa' ? ['rsa:2048'] : ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const fresh = ['-newkey', ...algorithm, '-nodes', '-days', '2'];
  openssl(
    'req',
    '-x509',
    ...fresh,
    '-subj',
    '/CN=authority',
    '-keyout',
    path('ca.key'),
    '-out',
    path('ca.pem'),
  );
  const isAddress = (name: string) => /^[0-9.]+$/.test(name) || name.includes(':');
  const alternatives = names.map((name) => `${isAddress(name) ? 'IP' : 'DNS'}:${name}`).join(',');
  const request = ['-subj', `/CN=${names[0] ?? ''}`, '-addext', `subjectAltName=${alternatives}`];
  const signed = ['-CA', path('ca.pem'), '-CAkey', path('ca.key')];
  openssl(
    'req',
    '-x509',
    ...fresh,
    ...request,
    ...signed,
    '-addext',
    'basicConstraints=critical,CA:FALSE',
    '-keyout',
    path('key.pem'),
    '-out',
    path('cert.pem'),
  );
  const read = (name: string) => readFileSync(path(name), 'latin1');
  return {
    key: read('key.pem'),
    cert: read('cert.pem'),
    authority: read('ca.pem'),
  };
}
