import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { createRateLimit } from '../../../src/serve/satellites/rate-limit.ts';
import { parseSatelliteFile } from '../../../src/serve/satellites/satellite-file.ts';
import { satelliteSubmission } from '../../../src/serve/satellites/satellite-submission.ts';
import { bytesOf } from '../../../src/system/index.ts';
import { memoryIntake } from '../../support/memory-intake.ts';

function submitter(policy: string) {
  const intake = memoryIntake();
  const sent: (readonly [number, number])[] = [];
  const rates = createRateLimit(() => 0);
  const satellite = { name: 'box', policy: parseSatelliteFile(policy) };
  const peer = { remoteHost: 'unknown', remoteIp: '192.0.2.1', localHost: 'hub.test' };
  const submit = async (
    pieces: readonly string[],
    sender = 's@x',
    recipients: readonly string[] = ['r@y'],
  ) => {
    const submission = satelliteSubmission({
      intake,
      satellite,
      peer,
      rates,
      now: () => 0,
      onSent: (count, bytes) => sent.push([count, bytes]),
    });
    for (const piece of pieces) submission.message(bytesOf(piece));
    const { verdict, text } = await submission.complete({ sender, recipients });
    return verdict + text;
  };
  return { intake, sent, submit };
}

test('the name is in Received and is the submitting host; what was taken is counted', async () => {
  const { intake, sent, submit } = submitter('');
  strictEqual(await submit(['ab', 'cd'], 's@x', ['r@y', 'q@y']), 'Kok 0 qp 1');
  const [message] = intake.messages;
  match(
    message?.text ?? '',
    /^Received: from unknown \(box@192\.0\.2\.1\)\n {2}by hub\.test with QMQPS; .*\nabcd$/,
  );
  deepStrictEqual(message?.origin, { caller: 'network', host: 'box' });
  deepStrictEqual(sent, [[2, 4]]);
});

test('an empty message is one, too', async () => {
  const { intake, submit } = submitter('');
  match(await submit([]), /^K/);
  strictEqual(intake.messages.length, 1);
});

test('without recipients it is told who it is, and nothing is queued', async () => {
  const { intake, sent, submit } = submitter('senders @none\nrate 1/d');
  for (let round = 0; round < 3; round += 1)
    match(await submit(['body'], 's@x', []), /^Kyou are known here as box; .*nothing was queued$/);
  deepStrictEqual([intake.messages.length, intake.aborted, sent.length], [0, 3, 0]);
});

test('the sender gets the domain before it is looked at', async () => {
  const { intake, submit } = submitter('domain box.example\nsenders @box.example');
  match(await submit(['x'], 'root@elsewhere'), /^K/);
  strictEqual(intake.messages[0]?.envelope.sender, 'root@box.example');
});

test('what is not allowed is refused for good, and what is too fast for now', async () => {
  const { intake, sent, submit } = submitter('senders @x\nbytes 3\nrate 1/d');
  match(await submit(['x'], 's@z'), /^Dthis host may not send from s@z \(#5\.7\.1\)$/);
  match(await submit(['ab', 'cd', 'ef']), /^Dthe message is larger than 3 bytes \(#5\.3\.4\)$/);
  match(await submit(['ab']), /^K/);
  strictEqual(await submit(['ab']), 'Zbox sends more than its rate allows (#4.7.0)');
  deepStrictEqual([intake.messages.length, intake.aborted, sent.length], [1, 3, 1]);
});
