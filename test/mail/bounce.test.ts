import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Failure, formatBounce, type MessageBody, type Notice } from '../../src/mail/index.ts';
import { textOf } from '../../src/system/index.ts';
import { needs } from '../support/foreign.ts';
import { largeBody, messageBody } from '../support/message-body.ts';
import { notice } from '../support/notice.ts';
import { bodyOf, fieldOf, parseQsbmf, partsOf } from '../support/qsbmf.ts';

function bounceText(changes: Partial<Notice> = {}): string {
  return [...formatBounce(notice(changes))].map((piece) => textOf(piece)).join('');
}

test('the header says what it is and who is meant', () => {
  const text = bounceText({ to: 'a b@example.org' });
  assert.equal(fieldOf(text, 'Date'), '5 Nov 2026 08:44:38 -0000');
  assert.equal(fieldOf(text, 'From'), 'MAILER-DAEMON@hub.example');
  assert.equal(fieldOf(text, 'To'), '"a b"@example.org');
  assert.equal(fieldOf(text, 'Subject'), 'failure notice');
  assert.equal(fieldOf(text, 'Message-ID'), '<20261105084438.7.bounce@hub.example>');
  assert.equal(fieldOf(text, 'Auto-Submitted'), 'auto-replied');
  assert.equal(fieldOf(text, 'MIME-Version'), '1.0');
  assert.equal(
    fieldOf(text, 'Content-Type'),
    'multipart/report; report-type=delivery-status; boundary="=_0123456789abcdef"',
  );
});

test('the preamble is QSBMF, with every failed recipient and the header of the original', () => {
  const failures: readonly Failure[] = [
    { address: 'one@example.org', report: 'No such user. (#5.1.1)\n', triedMs: 0 },
    { address: 'line\nend@example.org', report: 'first\n\n-last\n', triedMs: 0 },
    { address: 'silent@example.org', report: '', triedMs: 0 },
  ];
  const original = messageBody('Received: here\nSubject: x\n\nHi\n');
  const bounce = parseQsbmf(bodyOf(bounceText({ failures: () => failures, original })));
  assert.match(bounce.introduction, /^Hi\. This is the qmail-send program at hub\.example\.\n/);
  assert.deepEqual(bounce.recipients, [
    { address: 'one@example.org', report: 'No such user. (#5.1.1)\n' },
    { address: 'line_end@example.org', report: 'first\n/\n-last\n' },
    { address: 'silent@example.org', report: '' },
  ]);
  assert.ok(
    bounce.original.startsWith('Return-Path: <sender@example.org>\nReceived: here\nSubject: x\n\n--=_'),
  );
});

test('it is a multipart/report of a text, a delivery status and the original', () => {
  const [text = '', status = '', returned = '', ...more] = partsOf(bounceText());
  assert.equal(more.length, 0);
  assert.equal(fieldOf(text, 'Content-Type'), 'text/plain; charset=us-ascii');
  assert.match(bodyOf(text), /^Hi\. This is the qmail-send program at hub\.example\.\n/);
  assert.match(bodyOf(text), /<nosuch@example\.org>:\nNo such user\. \(#5\.1\.1\)\n/);
  assert.equal(fieldOf(status, 'Content-Type'), 'message/delivery-status');
  assert.match(bodyOf(status), /^Final-Recipient: rfc822; nosuch@example\.org$/m);
  assert.equal(fieldOf(returned, 'Content-Type'), 'message/rfc822');
  assert.equal(bodyOf(returned), 'Return-Path: <sender@example.org>\nSubject: x\n\nbody\n');
});

test('of an original over the limit only the header is returned', () => {
  const original = messageBody(`Subject: x\n\n${'body\n'.repeat(100)}`);
  const text = bounceText({ original, originalBytesMax: 100 });
  const [, , returned = ''] = partsOf(text);
  assert.equal(fieldOf(returned, 'Content-Type'), 'text/rfc822-headers');
  assert.equal(bodyOf(returned), 'Return-Path: <sender@example.org>\nSubject: x\n');
  assert.ok(!text.includes('body\nbody\n'));
});

test('a bounce of a bounce says so', () => {
  const text = bounceText({ isDouble: true, sender: '' });
  assert.match(parseQsbmf(bodyOf(text)).introduction, /^Hi\. This is the .*\n.*bounce/);
  assert.match(text, /^Return-Path: <>$/m);
});

test('each part says how wide its bytes are, and the whole how wide the widest is', () => {
  const encodings = (changes: Partial<Notice>) => {
    const text = bounceText(changes);
    return [text, ...partsOf(text)].map((part) => fieldOf(part, 'Content-Transfer-Encoding'));
  };
  assert.deepEqual(encodings({}), ['7bit', '7bit', undefined, '7bit']);
  const latin = messageBody('Subject: x\n\ncaf\xe9\n');
  assert.deepEqual(encodings({ original: latin }), ['8bit', '7bit', undefined, '8bit']);
  assert.deepEqual(encodings({ original: messageBody('Subject: x\n\n\0\n') }), [
    'binary',
    '7bit',
    undefined,
    'binary',
  ]);
  const failures = () => [{ address: 'a@x', report: 'caf\xc3\xa9\n', triedMs: 0 }];
  assert.deepEqual(encodings({ failures }), ['8bit', '8bit', undefined, '7bit']);
  assert.equal(
    fieldOf(partsOf(bounceText({ failures }))[0] ?? '', 'Content-Type'),
    'text/plain; charset=utf-8',
  );
  const unknown = () => [{ address: 'a@x', report: 'caf\xe9\n', triedMs: 0 }];
  const [text = ''] = partsOf(bounceText({ failures: unknown }));
  assert.equal(fieldOf(text, 'Content-Type'), 'text/plain; charset=unknown-8bit');
});

const anyText = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)) });

test('whatever the original, the addresses and the reports are, both readings hold', () => {
  const failure = fc.record({ address: anyText, report: anyText, triedMs: fc.nat() });
  fc.assert(
    fc.property(anyText, fc.array(failure), anyText, fc.nat(60), (original, failures, sender, limit) => {
      const text = bounceText({
        original: messageBody(original),
        failures: () => failures,
        sender,
        to: sender,
        originalBytesMax: limit,
      });
      assert.equal(parseQsbmf(bodyOf(text)).recipients.length, failures.length);
      assert.equal(fieldOf(text, 'Subject'), 'failure notice');
      const [, status = '', returned = ''] = partsOf(text);
      assert.equal(status.match(/^Action: failed$/gm)?.length ?? 0, failures.length);
      const whole = limit === 0 || original.length <= limit;
      if (whole) assert.ok(bodyOf(returned).endsWith(`>\n${original}`));
    }),
  );
});

/** Python's email package, which knows no QSBMF and takes MIME at its word. */
const reader = `
import email, email.policy, json, sys
out = []
for policy in (email.policy.default, email.policy.compat32):
    message = email.message_from_bytes(sys.stdin.buffer.read() if not out else raw, policy=policy)
    raw = message.as_bytes() if not out else raw
    human, status, returned = message.get_payload()
    out.append({
        'type': message.get_content_type(),
        'report': message.get_param('report-type'),
        'defects': [str(d) for part in message.walk() for d in part.defects],
        'types': [part.get_content_type() for part in message.get_payload()],
        'text': human.get_payload(decode=True).decode('latin-1'),
        'status': [[[name, ' '.join(value.split())] for name, value in group.items()] for group in status.get_payload()],
        'subject': str(returned.get_payload(0)['Subject']),
        'content': returned.get_payload(0).get_payload(decode=True).decode('latin-1'),
    })
print(json.dumps(out))
`;

test("Python's email package reads it without a defect", needs('python3'), () => {
  const failures = () => [
    { address: 'one@example.org', report: 'No such user. (#5.1.1)\n', triedMs: Date.UTC(2026, 10, 5) },
    { address: 'two@example.org', report: 'Remote host said:\n550 caf\xc3\xa9\n', triedMs: 0 },
  ];
  const original = messageBody('Subject: kept\nContent-Type: text/plain; charset=latin1\n\ncaf\xe9\n--x\n');
  const input = Buffer.from(bounceText({ failures, original }), 'latin1');
  const { stdout, stderr } = spawnSync('python3', ['-c', reader], { input, encoding: 'utf8' });
  assert.equal(stderr, '');
  const readings = JSON.parse(stdout) as readonly Record<string, unknown>[];
  assert.equal(readings.length, 2);
  for (const reading of readings) {
    assert.equal(reading['type'], 'multipart/report');
    assert.equal(reading['report'], 'delivery-status');
    assert.deepEqual(reading['defects'], []);
    assert.deepEqual(reading['types'], ['text/plain', 'message/delivery-status', 'message/rfc822']);
    assert.match(String(reading['text']), /<two@example\.org>:\nRemote host said:\n550 caf\xc3\xa9\n/);
    assert.deepEqual(reading['status'], [
      [
        ['Reporting-MTA', 'dns; hub.example'],
        ['Arrival-Date', '1 Nov 2026 00:00:00 -0000'],
      ],
      [
        ['Final-Recipient', 'rfc822; one@example.org'],
        ['Action', 'failed'],
        ['Status', '5.1.1'],
        ['Last-Attempt-Date', '5 Nov 2026 00:00:00 -0000'],
        ['Diagnostic-Code', 'X-Qmail; No such user. (#5.1.1)'],
      ],
      [
        ['Final-Recipient', 'rfc822; two@example.org'],
        ['Action', 'failed'],
        ['Status', '5.0.0'],
        ['Diagnostic-Code', 'X-Qmail; Remote host said: 550 caf??'],
      ],
    ]);
    assert.equal(reading['subject'], 'kept');
    assert.equal(reading['content'], 'caf\xe9\n--x\n');
  }
});

test('recipients and the original are read piece by piece, and only as far as pieces are asked for', () => {
  const body = largeBody(65_536, 50);
  let ahead = 0;
  let mostAhead = 0;
  const read = <Value>(value: Value): Value => {
    ahead += 1;
    mostAhead = Math.max(mostAhead, ahead);
    return value;
  };
  const original: MessageBody = {
    sizeBytes: body.sizeBytes,
    *chunks() {
      for (const chunk of body.chunks()) yield read(chunk);
    },
  };
  function* failures(): Iterable<Failure> {
    for (let index = 0; index < 1000; index += 1)
      yield read({ address: `u${index}@example.org`, report: 'no\n', triedMs: 0 });
  }
  let sizeBytes = 0;
  for (const piece of formatBounce(notice({ failures, original, originalBytesMax: 0 }))) {
    assert.ok(piece.length <= 65_536);
    sizeBytes += piece.length;
    ahead = 0;
  }
  assert.ok(sizeBytes > body.sizeBytes + 3 * 1000 * 20);
  // The header of the original is looked for without a piece in between: up to its limit.
  assert.ok(mostAhead <= 2, `${mostAhead}`);
});
