/** What a case of qmqpc.json must lead to by our rules, worked out from its data: the scripts of its servers. */
import { parseHub } from '../../qmqp/index.ts';
import type { NamedCase, Outcome, Rule } from './vectors.ts';

/** ['read'], ['send', text], ['close'] */
export type Step = readonly [action: string, text?: string];

export interface QmqpcCase extends NamedCase {
  readonly qmqpservers?: string;
  /** By address; 'K' is a server that takes everything. */
  readonly servers: Readonly<Record<string, readonly Step[] | 'K'>>;
  readonly stdin: string;
  readonly fd1: string;
  readonly exit: number;
}

export function stepsOf(script: readonly Step[] | 'K'): readonly Step[] {
  return script === 'K' ? [['read'], ['send', '3:Kok,']] : script;
}

/** The port on which every server of the cases listens. */
const port = 628;

/** The address that the original connects to: it reads a dotted quad and ignores the rest of the line. */
function originalHost(line: string): string | undefined {
  return /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+/.exec(line)?.[0];
}

function linesOf(vector: QmqpcCase): readonly string[] {
  return (vector.qmqpservers ?? '').split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

/** The verdict of a complete reply, as a client must read it: everything else is a broken session. */
function verdictOf(steps: readonly Step[]): 'K' | 'Z' | 'D' | 'broken' {
  const sent = steps.map(([action, text]) => (action === 'send' ? text : '')).join('');
  const [, digits = '', rest = ''] = /^(0|[1-9][0-9]*):(.*)$/s.exec(sent) ?? [];
  const letter = rest[0];
  if (digits === '' || rest[Number(digits)] !== ',' || Number(digits) < 1) return 'broken';
  return letter === 'K' || letter === 'Z' || letter === 'D' ? letter : 'broken';
}

const exitCodes = { K: 0, Z: 71, D: 31, broken: 74 } as const;

/** Z and broken sessions lead to the next hub; a session that broke after the last byte is repeated once. */
function simulate(vector: QmqpcCase, actual: Outcome): Outcome {
  const connections = new Map<string, number>();
  let exit = 55;
  for (const line of linesOf(vector)) {
    const hub = parseHub(line);
    if (hub === undefined) continue;
    const { host } = hub;
    const script = hub.port === port ? vector.servers[host] : undefined;
    if (script === undefined) {
      exit = 73;
      continue;
    }
    const verdict = verdictOf(stepsOf(script));
    connections.set(host, (connections.get(host) ?? 0) + (verdict === 'broken' ? 2 : 1));
    exit = exitCodes[verdict];
    if (verdict === 'K' || verdict === 'D') break;
  }
  const requests = Object.fromEntries(
    Object.keys(vector.servers).map((host) => {
      const count = connections.get(host) ?? 0;
      const seen = (actual['requests'] as Readonly<Record<string, { data: string }>>)[host];
      return [host, { connections: count, data: count === 0 ? '' : seen?.data }];
    }),
  );
  return { exit, requests };
}

function verdicts(vector: QmqpcCase): readonly string[] {
  return Object.values(vector.servers).map((script) => verdictOf(stepsOf(script)));
}

export const qmqpcRules: readonly Rule<QmqpcCase>[] = [
  {
    reason: 'only a complete netstring is a reply; a letter without one is a broken session',
    applies: (vector) => vector.exit < 74 && verdicts(vector).includes('broken'),
    expect: simulate,
  },
  {
    reason: 'after Z, or a session that broke twice, the next hub is tried',
    applies: (vector) => (vector.exit === 71 || vector.exit === 74) && linesOf(vector).length > 0,
    expect: simulate,
  },
  {
    reason: 'a line is an address or a name, perhaps with a port and a comment, and nothing else',
    applies: (vector) =>
      linesOf(vector).some((line) => {
        const hub = parseHub(line);
        return hub?.host !== originalHost(line) || (hub !== undefined && hub.port !== port);
      }),
    expect: simulate,
  },
];
