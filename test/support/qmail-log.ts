/**
 * Reads a log as an analyser of qmail-log(5) does, and follows each message through it. Besides the lines that that
 * page describes only one form is known, which is ours: "notice: TEXT".
 */

export type LogLine =
  | { readonly kind: 'status'; readonly local: Load; readonly remote: Load; readonly exiting: boolean }
  | { readonly kind: 'exiting' }
  | { readonly kind: 'new' | 'end' | 'triple'; readonly msg: string }
  | {
      readonly kind: 'info';
      readonly msg: string;
      readonly bytes: number;
      readonly sender: string;
      readonly qp: string;
      readonly uid: string;
    }
  | {
      readonly kind: 'start';
      readonly delivery: number;
      readonly msg: string;
      readonly channel: 'local' | 'remote';
      readonly address: string;
    }
  | {
      readonly kind: 'delivery';
      readonly delivery: number;
      readonly result: 'success' | 'failure' | 'deferral';
      readonly text: string;
    }
  | { readonly kind: 'bounce'; readonly msg: string; readonly qp: string }
  | { readonly kind: 'alert' | 'warning' | 'notice'; readonly text: string };

/** Deliveries that run, and how many may. */
export interface Load {
  readonly running: number;
  readonly limit: number;
}

type Match = Readonly<Record<string, string>>;

function load(running = '', limit = ''): Load {
  return { running: Number(running), limit: Number(limit) };
}

const address = '[!-~]*';
const forms: readonly (readonly [string, (match: Match) => LogLine])[] = [
  [
    'status: local (?<l>\\d+)/(?<L>\\d+) remote (?<r>\\d+)/(?<R>\\d+)(?<exit> exitasap)?',
    ({ l, L, r, R, exit }) => ({
      kind: 'status',
      local: load(l, L),
      remote: load(r, R),
      exiting: exit !== undefined,
    }),
  ],
  ['status: exiting', () => ({ kind: 'exiting' })],
  ['new msg (?<msg>\\d+)', ({ msg = '' }) => ({ kind: 'new', msg })],
  ['end msg (?<msg>\\d+)', ({ msg = '' }) => ({ kind: 'end', msg })],
  [
    `info msg (?<msg>\\d+): bytes (?<bytes>\\d+) from <(?<sender>${address})> qp (?<qp>\\d+) uid (?<uid>\\d+)`,
    ({ msg = '', bytes, sender = '', qp = '', uid = '' }) => ({
      kind: 'info',
      msg,
      bytes: Number(bytes),
      sender,
      qp,
      uid,
    }),
  ],
  [
    `starting delivery (?<d>\\d+): msg (?<msg>\\d+) to (?<channel>local|remote) (?<to>${address})`,
    ({ d, msg = '', channel, to = '' }) => ({
      kind: 'start',
      delivery: Number(d),
      msg,
      channel: channel === 'local' ? 'local' : 'remote',
      address: to,
    }),
  ],
  ...(['success', 'failure', 'deferral'] as const).map((result): (typeof forms)[number] => [
    `delivery (?<d>\\d+): ${result}: (?<text>[!-~]*)`,
    ({ d, text = '' }) => ({ kind: 'delivery', delivery: Number(d), result, text }),
  ]),
  [
    'delivery (?<d>\\d+): report mangled, will defer',
    ({ d }) => ({ kind: 'delivery', delivery: Number(d), result: 'deferral', text: '' }),
  ],
  ['bounce msg (?<msg>\\d+) qp (?<qp>\\d+)', ({ msg = '', qp = '' }) => ({ kind: 'bounce', msg, qp })],
  ['triple bounce: discarding bounce/(?<msg>\\d+)', ({ msg = '' }) => ({ kind: 'triple', msg })],
  ...(['alert', 'warning', 'notice'] as const).map((kind): (typeof forms)[number] => [
    `${kind}: (?<text>[ -~]*)`,
    ({ text = '' }) => ({ kind, text }),
  ]),
];

const expressions = forms.map(([source, make]) => ({ expression: new RegExp(`^${source}$`), make }));

/** Throws when the line has none of the forms. */
export function parseLogLine(line: string): LogLine {
  for (const { expression, make } of expressions) {
    const match = expression.exec(line);
    if (match !== null) return make({ ...match.groups });
  }
  throw new Error(`no line of qmail-log: ${JSON.stringify(line)}`);
}

/** What the log tells of one message. */
export interface LoggedMessage {
  readonly sender: string;
  readonly attempts: readonly Attempt[];
  readonly end: 'open' | 'done' | 'bounced' | 'dropped';
  /** The number of its bounce. */
  readonly bounce: string | undefined;
}

export interface Attempt {
  readonly channel: 'local' | 'remote';
  readonly address: string;
  readonly result: 'success' | 'failure' | 'deferral' | 'running';
}

interface Following {
  sender: string;
  attempts: { channel: 'local' | 'remote'; address: string; result: Attempt['result'] }[];
  end: LoggedMessage['end'];
  bounce: string | undefined;
  /** "bounce msg" or "triple bounce" was said, and "end msg" must follow. */
  verdict: 'bounced' | 'dropped' | undefined;
}

/**
 * Follows all messages. Throws at the first line that contradicts the others. A process that ends without a word, as
 * when it is killed, is told of by `null` in its log's place.
 */
export function followLog(lines: readonly (string | null)[]): ReadonlyMap<string, LoggedMessage> {
  const messages = new Map<string, Following>();
  const running = new Map<number, { msg: string; attempt: Following['attempts'][number] }>();
  let deliveries = 0;
  let awaitedInfo: string | undefined;

  function find(msg: string, line: string): Following {
    const message = messages.get(msg);
    if (message === undefined) throw new Error(`unknown message: ${line}`);
    if (message.end !== 'open') throw new Error(`the message has ended before: ${line}`);
    return message;
  }

  function count(channel: 'local' | 'remote'): number {
    return [...running.values()].filter(({ attempt }) => attempt.channel === channel).length;
  }

  function idle(msg: string, line: string): void {
    if ([...running.values()].some((delivery) => delivery.msg === msg))
      throw new Error(`a delivery of it runs: ${line}`);
  }

  function take(line: string): void {
    const entry = parseLogLine(line);
    if (awaitedInfo !== undefined && (entry.kind !== 'info' || entry.msg !== awaitedInfo))
      throw new Error(`not the info of ${awaitedInfo}: ${line}`);
    switch (entry.kind) {
      case 'status':
        if (entry.local.running !== count('local') || entry.remote.running !== count('remote'))
          throw new Error(`${count('local')} local and ${count('remote')} remote run: ${line}`);
        break;
      case 'exiting':
        if (running.size > 0) throw new Error(`${running.size} deliveries run: ${line}`);
        deliveries = 0;
        break;
      case 'new':
        if (messages.get(entry.msg)?.end === 'open') throw new Error(`it is not new: ${line}`);
        messages.set(entry.msg, {
          sender: '',
          attempts: [],
          end: 'open',
          bounce: undefined,
          verdict: undefined,
        });
        awaitedInfo = entry.msg;
        break;
      case 'info':
        if (awaitedInfo === undefined) throw new Error(`no message is new: ${line}`);
        awaitedInfo = undefined;
        find(entry.msg, line).sender = entry.sender;
        break;
      case 'start': {
        if (entry.delivery !== deliveries + 1) throw new Error(`not delivery ${deliveries + 1}: ${line}`);
        deliveries = entry.delivery;
        const attempt = { channel: entry.channel, address: entry.address, result: 'running' as const };
        find(entry.msg, line).attempts.push(attempt);
        running.set(entry.delivery, { msg: entry.msg, attempt });
        break;
      }
      case 'delivery': {
        const delivery = running.get(entry.delivery);
        if (delivery === undefined) throw new Error(`no such delivery runs: ${line}`);
        running.delete(entry.delivery);
        delivery.attempt.result = entry.result;
        break;
      }
      case 'bounce': {
        idle(entry.msg, line);
        const message = find(entry.msg, line);
        message.verdict = 'bounced';
        message.bounce = entry.qp;
        break;
      }
      case 'triple':
        idle(entry.msg, line);
        find(entry.msg, line).verdict = 'dropped';
        break;
      case 'end': {
        idle(entry.msg, line);
        const message = find(entry.msg, line);
        message.end = message.verdict ?? 'done';
        break;
      }
      case 'alert':
      case 'warning':
      case 'notice':
        break;
    }
  }

  for (const line of lines) {
    if (line !== null) {
      take(line);
      continue;
    }
    running.clear();
    deliveries = 0;
  }
  for (const { bounce } of messages.values()) {
    const sender = bounce === undefined ? '' : messages.get(bounce)?.sender;
    if (sender !== '' && sender !== '#@[]') throw new Error(`bounce ${bounce} is from <${sender}>`);
  }
  return messages;
}
