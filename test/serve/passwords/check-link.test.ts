import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { type Frame, openFrameLink, unpackFields } from '../../../src/process/index.ts';
import { checkFrame, newToken } from '../../../src/serve/passwords/check-protocol.ts';
import { checkLimits, openCheckLink } from '../../../src/serve/passwords/index.ts';
import { bytesOf } from '../../../src/system/index.ts';
import { rawFrame, socketPair } from '../../support/socket-pair.ts';

const joe = { user: 'joe', password: 'secret', timestamp: '' };

/** A link whose other end is the test's. */
async function scripted(onFrame: (frame: Frame, answer: (text: string) => void) => void) {
  const [near, far] = await socketPair();
  const lines: string[] = [];
  let lost = 0;
  const peer = openFrameLink(far, {
    onFrame: (frame) => onFrame(frame, (text) => peer.send(checkFrame.ended, frame.number, bytesOf(text))),
    onEnd: () => peer.destroy(),
  });
  const link = openCheckLink({
    socket: near,
    limits: { ...checkLimits, checksMax: 2 },
    log: (line) => lines.push(line),
    onLost: () => {
      lost += 1;
    },
  });
  return { link, far, lines, lost: () => lost };
}

test('verdicts are those of the exit codes', async () => {
  for (const [text, verdict] of [
    ['0', 'accepted'],
    ['1', 'refused'],
    ['2', 'temporary'],
    ['111', 'temporary'],
    ['SIGKILL', 'temporary'],
    ['0x', 'temporary'],
    ['', 'temporary'],
  ] as const) {
    const asked: unknown[] = [];
    const { link } = await scripted(({ type, payload }, answer) => {
      asked.push(type, unpackFields(payload));
      answer(text);
    });
    strictEqual(await link.check(joe, '192.0.2.7'), verdict, text);
    deepStrictEqual(asked, [checkFrame.check, ['joe\0secret\0\0', '192.0.2.7']]);
    link.close();
  }
});

test('no more checks than the limit at the same time', async () => {
  const answers: ((text: string) => void)[] = [];
  const { link, lines } = await scripted((_, answer) => {
    answers.push(answer);
  });
  const first = [link.check(joe, '192.0.2.7'), link.check(joe, '192.0.2.7')];
  strictEqual(await link.check(joe, '192.0.2.7'), 'temporary');
  match(lines.join('\n'), /no more at the same time/);
  while (answers.length < 2) await new Promise(setImmediate);
  for (const answer of answers) answer('0');
  deepStrictEqual(await Promise.all(first), ['accepted', 'accepted']);
  strictEqual(await link.check({ ...joe, user: 'x'.repeat(600) }, '192.0.2.7'), 'refused');
  link.close();
});

test('when the other side goes away, what waits knows nothing', async () => {
  const { link, far, lost } = await scripted(() => far.destroy());
  strictEqual(await link.check(joe, '192.0.2.7'), 'temporary');
  strictEqual(lost(), 1);
  match(String(await link.open(bytesOf('joe\0x\0\0'), '192.0.2.7', newToken()).ended), /went away/);
  strictEqual(await link.check(joe, '192.0.2.7'), 'temporary');
  link.close();
});

test('an answer that was not asked for breaks the link', async () => {
  const { link, far, lost } = await scripted(() => undefined);
  const waiting = link.check(joe, '192.0.2.7');
  far.write(rawFrame(checkFrame.ended, 77, '0'));
  strictEqual(await waiting, 'temporary');
  strictEqual(lost(), 1);
});

test('a session can be killed, but not twice', async () => {
  const types: number[] = [];
  const { link } = await scripted(({ type }, answer) => {
    types.push(type);
    if (type === checkFrame.kill) answer('SIGKILL');
  });
  const session = link.open(bytesOf('joe\0secret\0\0'), '192.0.2.7', newToken());
  session.kill();
  strictEqual(await session.ended, 'SIGKILL');
  session.kill();
  await new Promise(setImmediate);
  deepStrictEqual(types, [checkFrame.open, checkFrame.kill]);
  link.close();
});
