/**
 * control/smtproutes and control/qmtproutes: to which host mail for a domain goes, in place of what DNS says.
 *
 *     line   = domain ":" [ relay [ ":" port ] ] *( " " word )
 *     domain = a domain / "." and the end of one / nothing, which is every domain
 *     relay  = name / IPv4 / "[" IPv4 or IPv6 "]"
 *     word   = "tls=no" / "tls=may" / "tls=must" / "tls=verify" / "implicit" / "user=" name
 *
 * qmail-remote knows what stands before the words. Without a relay the domain's MX records say where to. The first
 * entry counts that is for the domain, for its longest end, or for every domain.
 */
import { isIP } from 'node:net';
import type { Control } from '../control/index.ts';
import { qmtpPort } from '../qmtp/index.ts';
import { type ByteString, lowerAscii, printable } from '../system/index.ts';
import type { Relay, Route, TlsDemand } from './route.ts';

/** Routes by domain, .ending or '' in lower case. */
export type Routes = ReadonlyMap<ByteString, Route>;

const smtpPort = 25;

/** A port that is called for in this way speaks TLS from the first byte on (RFC 8314 3.3). */
const submissionsPort = 465;

const portMax = 65_535;

const demands: Readonly<Record<string, TlsDemand>> = {
  'tls=no': 'no',
  'tls=may': 'may',
  'tls=must': 'must',
  'tls=verify': 'verify',
};

/** Where mail goes for which nothing is said. */
const byMx: Route = { protocol: 'smtp', relay: undefined, tls: 'may', implicitTls: false, user: undefined };

function portOf(text: ByteString, preset: number): number | undefined {
  if (text === '') return preset;
  const isNumber = text.length <= 5 && [...text].every((char) => char >= '0' && char <= '9');
  const port = isNumber ? Number(text) : 0;
  return port > 0 && port <= portMax ? port : undefined;
}

/** Undefined when it makes no sense. */
function relayOf(text: ByteString, presetPort: number): Relay | undefined {
  const close = text.startsWith('[') ? text.indexOf(']') : -1;
  const host = close > 0 ? text.slice(1, close) : (text.split(':', 1)[0] ?? '');
  const rest = close > 0 ? text.slice(close + 1) : text.slice(host.length);
  const port = rest === '' || rest.startsWith(':') ? portOf(rest.slice(1), presetPort) : undefined;
  const isSound = close > 0 ? isIP(host) !== 0 : host !== '' && !host.startsWith('[');
  return port !== undefined && isSound ? { host, port } : undefined;
}

/** What stands after the domain. Throws what is wrong with it. */
export function parseRoute(value: ByteString, protocol: Route['protocol']): Route {
  const [target = '', ...words] = value.split(' ').filter((word, index) => index === 0 || word !== '');
  const relay = target === '' ? undefined : relayOf(target, protocol === 'smtp' ? smtpPort : qmtpPort);
  if (target !== '' && relay === undefined) throw new Error(`${printable(target)} is no RELAY[:PORT]`);
  let tls: TlsDemand | undefined;
  let implicitTls = protocol === 'smtp' && relay?.port === submissionsPort;
  let user: ByteString | undefined;
  for (const word of words) {
    const demand = demands[word];
    if (demand !== undefined) tls = demand;
    else if (word === 'implicit') implicitTls = true;
    else if (word.startsWith('user=') && word !== 'user=') user = word.slice('user='.length);
    else throw new Error(`${printable(word)} is no word for a route`);
  }
  if (implicitTls && tls === 'no') throw new Error('implicit and tls=no contradict one another');
  if (user !== undefined && tls === 'may')
    throw new Error('user= and tls=may would tell a password to anybody');
  // A password is for the server that it is meant for, unless somebody says that he knows better.
  const preset = user === undefined ? (implicitTls ? 'must' : 'may') : 'verify';
  return { protocol, relay, tls: tls ?? preset, implicitTls, user };
}

function readFile(control: Control, name: string, protocol: Route['protocol']): Routes {
  const routes = new Map<ByteString, Route>();
  for (const line of control.list(name) ?? []) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    try {
      routes.set(lowerAscii(line.slice(0, colon)), parseRoute(line.slice(colon + 1), protocol));
    } catch (error) {
      throw new Error(`${control.directory}/${name}: ${printable(line)}: ${String(error)}`, { cause: error });
    }
  }
  return routes;
}

function find(routes: Routes, domain: ByteString): Route | undefined {
  const key = lowerAscii(domain);
  const whole = routes.get(key);
  if (whole !== undefined) return whole;
  for (let dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) {
    const route = routes.get(key.slice(dot));
    if (route !== undefined) return route;
  }
  return routes.get('');
}

/** Answers for each domain its route. Throws, with file and line, when a file makes no sense. */
export function readRemoteRoutes(control: Control): (domain: ByteString) => Route {
  const qmtp = readFile(control, 'qmtproutes', 'qmtp');
  const smtp = readFile(control, 'smtproutes', 'smtp');
  return (domain) => {
    const route = find(qmtp, domain);
    // An entry without a relay is an exception to those that are for more.
    return route?.relay === undefined ? (find(smtp, domain) ?? byMx) : route;
  };
}
