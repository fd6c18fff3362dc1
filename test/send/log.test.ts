import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { QueuedMessage, QueuedRecipient } from '../../src/queue/index.ts';
import { classicLines, jsonLine, type SendEvent } from '../../src/send/index.ts';
import { addressText, reportText } from '../../src/send/log.ts';
import type { Answer } from '../../src/system/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { submit } from '../support/open-store.ts';
import { followLog, parseLogLine } from '../support/qmail-log.ts';
import { openSending, type Sending, until } from '../support/sending.ts';

const message: QueuedMessage = {
  id: 5,
  birthMs: 0,
  caller: 'network',
  host: '192.0.2.1',
  sender: 's@x',
  sizeBytes: 100,
  headerMessageId: '<1@x>',
};

const recipient: QueuedRecipient = {
  id: 5,
  messageId: 5,
  address: 'r@x',
  state: 'fresh',
  rank: 0,
  attempts: 0,
  triedMs: 0,
  dueMs: 0,
  report: '',
};

const attempt = { delivery: 3, message, recipient, channel: 'local', address: 'r@x' } as const;

function delivery(answer: Answer): SendEvent {
  return { event: 'delivery', ...attempt, answer, attempts: 2, durationMs: 12.7, nextMs: 1000 };
}

function classic(event: SendEvent): readonly string[] {
  return classicLines(event, (caller) => (caller === 'network' ? '7' : caller));
}

test('a report is one line of printable text', () => {
  assert.equal(reportText('did 1+0+0\n100% \t\xff'), 'did_1+0+0/100____');
});

test('an address cannot forge a line', () => {
  assert.equal(addressText('a b\nend msg 1@c'), 'a_b_end_msg_1@c');
});

test('each event in the words of qmail-log', () => {
  assert.deepEqual(classic({ event: 'new', message }), [
    'new msg 5',
    'info msg 5: bytes 100 from <s@x> qp 5 uid 7',
  ]);
  assert.deepEqual(classic({ event: 'start', ...attempt }), ['starting delivery 3: msg 5 to local r@x']);
  assert.deepEqual(classic(delivery({ verdict: 'K', text: 'ok\n' })), ['delivery 3: success: ok/']);
  assert.deepEqual(classic(delivery({ verdict: 'Z', text: '' })), ['delivery 3: deferral: ']);
  assert.deepEqual(classic(delivery({ verdict: 'D', text: 'no' })), ['delivery 3: failure: no']);
  assert.deepEqual(classic({ event: 'bounce', message, qp: 6 }), ['bounce msg 5 qp 6']);
  assert.deepEqual(classic({ event: 'triple-bounce', message }), ['triple bounce: discarding bounce/5']);
  assert.deepEqual(classic({ event: 'end', message }), ['end msg 5']);
  const again =
    'notice: the same submission again, accepted before as msg 2, is not queued again: from <s@x>';
  assert.deepEqual(classic({ event: 'repeated', message, before: 2 }), [
    `${again} host 192.0.2.1 Message-ID <1@x>`,
  ]);
  assert.deepEqual(classic({ event: 'repeated', message: { ...message, host: '' }, before: 2 }), [
    `${again} Message-ID <1@x>`,
  ]);
  const status = { running: { local: 1, remote: 2 }, limits: { local: 10, remote: 20 }, exiting: false };
  assert.deepEqual(classic({ event: 'status', status }), ['status: local 1/10 remote 2/20']);
  assert.deepEqual(classic({ event: 'status', status: { ...status, exiting: true } }), [
    'status: local 1/10 remote 2/20 exitasap',
  ]);
  assert.deepEqual(classic({ event: 'exiting' }), ['status: exiting']);
  assert.deepEqual(classic({ event: 'warning', text: 'a\nb' }), ['warning: a\\x0ab']);
});

test('the same events as JSON: the time, the event, and one id for each message', () => {
  const object = (event: SendEvent) => JSON.parse(jsonLine(event, 0));
  assert.deepEqual(object({ event: 'new', message }), {
    time: '1970-01-01T00:00:00.000Z',
    event: 'new',
    msg: 5,
    id: '<1@x>',
    host: '192.0.2.1',
    caller: 'network',
    sender: 's@x',
    bytes: 100,
  });
  assert.deepEqual(object(delivery({ verdict: 'Z', text: 'later\n' })), {
    time: '1970-01-01T00:00:00.000Z',
    event: 'delivery',
    msg: 5,
    id: '<1@x>',
    delivery: 3,
    channel: 'local',
    recipient: 'r@x',
    result: 'deferral',
    text: 'later\n',
    attempts: 2,
    ms: 13,
    next: '1970-01-01T00:00:01.000Z',
  });
  assert.deepEqual(object({ event: 'repeated', message, before: 2 }), {
    time: '1970-01-01T00:00:00.000Z',
    event: 'repeated',
    msg: 2,
    id: '<1@x>',
    host: '192.0.2.1',
    sender: 's@x',
    queued: false,
  });
});

test('whatever addresses, reports and callers are, every line parses and JSON stays ASCII on one line', () => {
  const anything = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)) });
  fc.assert(
    fc.property(anything, anything, anything, (sender, address, text) => {
      const odd = { ...message, sender, headerMessageId: text, host: address };
      const events: readonly SendEvent[] = [
        { event: 'new', message: odd },
        { event: 'start', ...attempt, message: odd, address },
        {
          event: 'delivery',
          ...attempt,
          message: odd,
          address,
          answer: { verdict: 'D', text },
          attempts: 1,
          durationMs: 0,
          nextMs: undefined,
        },
        { event: 'warning', text },
        { event: 'notice', text },
      ];
      for (const event of events) {
        for (const line of classic(event)) parseLogLine(line);
        assert.match(jsonLine(event, 0), /^[ -~]*$/);
      }
      const started = JSON.parse(jsonLine({ event: 'start', ...attempt, message: odd, address }, 0));
      assert.deepEqual([started.id, started.recipient], [text, address]);
    }),
  );
});

/** Numbers from 0 to 1 that are the same in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('the log of a mixed run parses completely, and every message is followed from its first line to its last', async () => {
  const random = randomNumbers(7);
  const pick = <Value>(values: readonly Value[]): Value =>
    values[Math.floor(random() * values.length)] as Value;
  const directory = temporaryDirectory();
  let nowMs = Date.UTC(2026, 10, 5);
  let isLast = false;

  async function deliver(): Promise<Answer> {
    for (let turn = Math.floor(random() * 5); turn > 0; turn -= 1) await new Promise(setImmediate);
    const text = pick(['', 'ok\n', '100% sure \xe9\n\n', 'two\nlines\n']);
    if (isLast) return { verdict: 'K', text };
    const chance = random();
    if (chance > 0.97) throw new Error('the program crashed\n');
    return { verdict: chance < 0.5 ? 'K' : chance < 0.75 ? 'Z' : 'D', text };
  }

  function open(): Promise<Sending> {
    return openSending({
      directory,
      deliver,
      now: () => nowMs,
      memoryMs: 3_600_000,
      controls: {
        virtualdomains: 'virt.example:joe\n',
        queuelifetime: '2000\n',
        concurrencylocal: '5\n',
        concurrencyremote: '5\n',
      },
    });
  }

  const senders = ['a@local', 'b@away', '', '', '#@[]', 'list-@local-@[]', 'odd name\n@x'];
  const hosts = ['local', 'away', 'far.example', 'virt.example'];
  let submitted = 0;
  let again: (() => Promise<Answer>) | undefined;

  async function submitSome({ store }: Sending): Promise<void> {
    for (let count = 0; count < 20; count += 1) {
      submitted += 1;
      const recipients = Array.from({ length: Math.floor(random() * 5) }, () => `r${count} x@${pick(hosts)}`);
      const text = `Message-ID: <${submitted}@box>\n\nbody\n`;
      const sender = pick(senders);
      again = () => submit(store, text, recipients, sender);
      assert.equal((await again()).verdict, 'K');
    }
    // The last one comes a second time, byte for byte.
    await again?.();
  }

  async function steerSome({ store, sender }: Sending): Promise<void> {
    for (const queued of [...store.messages()]) {
      for (const waiting of [...store.recipients(queued.id)]) {
        if (random() < 0.8) continue;
        const order = pick(['retry', 'hold', 'release', 'delete', 'fail'] as const);
        await sender.steer(queued, waiting, order, 'the operator said so\n');
      }
    }
  }

  const lines: string[] = [];
  const events: SendEvent[] = [];
  for (let run = 0; run < 4; run += 1) {
    const sending = await open();
    sending.sender.start();
    for (let round = 0; round < 5; round += 1) {
      await submitSome(sending);
      await steerSome(sending);
      nowMs += 300_000;
      sending.sender.wake();
    }
    await sending.stop();
    lines.push(...sending.log);
    events.push(...sending.events);
  }

  // At last everything is released, and nothing fails any more.
  isLast = true;
  const sending = await open();
  const { store, sender } = sending;
  sender.start();
  for (const queued of [...store.messages()])
    for (const held of [...store.recipients(queued.id)])
      if (held.state === 'held') await sender.steer(queued, held, 'release', '');
  let turns = 0;
  await until(() => {
    turns += 1;
    if (turns % 50 === 0) {
      nowMs += 600_000;
      sender.wake();
    }
    return store.counts().messages === 0;
  });
  await sending.stop();
  lines.push(...sending.log);
  events.push(...sending.events);

  const messages = followLog(lines);
  const ends = new Map<string, number>();
  for (const { end } of messages.values()) ends.set(end, (ends.get(end) ?? 0) + 1);
  assert.equal(ends.get('open'), undefined);
  // The run was as mixed as it was meant to be.
  for (const end of ['done', 'bounced', 'dropped'])
    assert.ok((ends.get(end) ?? 0) >= 5, `${end}: ${ends.get(end)}`);
  assert.ok(lines.filter((line) => line.startsWith('notice: the same submission')).length >= 3);
  const results = new Set(
    [...messages.values()].flatMap(({ attempts }) => attempts.map(({ result }) => result)),
  );
  assert.deepEqual([...results].sort(), ['deferral', 'failure', 'success']);
  assert.equal(lines.filter((line) => line === 'status: exiting').length, 5);

  // As JSON: what is said of a message carries the same id from its beginning to its end.
  const ids = new Map<number, string>();
  for (const event of events) {
    const { msg, id, event: kind } = JSON.parse(jsonLine(event, nowMs));
    if (kind === 'new') ids.set(msg, id);
    else if (id !== undefined) assert.equal(id, ids.get(msg));
  }
  assert.equal(ids.size, messages.size);
});
