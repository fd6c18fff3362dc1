/**
 * Names without the C library's resolver: /etc/hosts, then the name servers of /etc/resolv.conf. By the contract of
 * Network.resolve: ENOTFOUND when somebody with authority says that a name has no address, and EAI_AGAIN for everything
 * else that can go wrong.
 */
import { readFileLines } from '../control/index.ts';
import {
  type ByteString,
  errorCode,
  errorText,
  type Files,
  lowerAscii,
  parseIpv4,
  parseIpv6,
  printable,
  SystemError,
} from '../system/index.ts';
import { ask, type ResolverWorld } from './ask.ts';
import { candidates, plainName, readResolverConfiguration } from './configuration.ts';
import { addressesByHosts } from './hosts.ts';

export interface ResolverPlace extends ResolverWorld {
  readonly files: Files;
  /** hosts(5); /etc/hosts unless another is given. */
  readonly hostsFile?: ByteString;
  /** resolv.conf(5); /etc/resolv.conf unless another is given. */
  readonly configurationFile?: ByteString;
  /** Where the servers listen; 53 unless another is given. */
  readonly port?: number;
}

/** For one name, whatever the configuration says. */
const resolveMsMax = 30_000;

/** RFC 6761 6.3: never asked for. */
const localName = 'localhost';
const localAddresses = ['127.0.0.1', '::1'];

/** The lines of a file; none when there is no such file. */
function* linesOf(files: Files, path: ByteString): Generator<ByteString, undefined> {
  try {
    for (const { text } of readFileLines({ files }, path)) yield text;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** Throws what reading the files throws. */
async function lookUp(place: ResolverPlace, name: ByteString): Promise<readonly ByteString[]> {
  const { files, hostsFile = '/etc/hosts', configurationFile = '/etc/resolv.conf', port } = place;
  const known = addressesByHosts(linesOf(files, hostsFile), plainName(name));
  if (known.length > 0) return known;
  const folded = `.${plainName(name)}`;
  if (folded.endsWith(`.${localName}`)) return localAddresses;
  const configuration = readResolverConfiguration(linesOf(files, configurationFile));
  const endMs = place.monotonic() + resolveMsMax;
  let certain = true;
  for (const candidate of candidates(name, configuration)) {
    const found = await ask(place, configuration, candidate, endMs, port);
    if (found.kind === 'addresses') return found.addresses;
    // What a server cannot say now may be the name that is meant: the next one would be another host.
    if (found.kind === 'failed') throw new SystemError('EAI_AGAIN', `${printable(candidate)}: ${found.text}`);
    certain &&= found.certain;
  }
  if (certain) throw new SystemError('ENOTFOUND', `${printable(name)}: no such host name`);
  throw new SystemError(
    'EAI_AGAIN',
    `${printable(name)}: nobody with authority has said that it does not exist`,
  );
}

export async function resolveName(place: ResolverPlace, name: ByteString): Promise<readonly ByteString[]> {
  const literal = parseIpv4(name) ?? parseIpv6(lowerAscii(name));
  if (literal !== undefined) return [literal];
  try {
    return await lookUp(place, name);
  } catch (error) {
    if (errorCode(error) === 'ENOTFOUND') throw error;
    throw new SystemError('EAI_AGAIN', errorText(error), error);
  }
}
