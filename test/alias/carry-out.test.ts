import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { carryOut, type Work } from '../../src/alias/carry-out.ts';
import { answerOfQueueExit } from '../../src/mail/index.ts';
import type { Queue } from '../../src/submit/index.ts';
import { type System, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { memorySystem } from '../support/memory-system.ts';

const directory = temporaryDirectory();

/** The real system, with a message on descriptor 0, be that a file or not. */
function systemWith(message: string): System {
  const real = nodeSystem([]);
  const { read } = memorySystem({ stdin: message }).system.files;
  return {
    ...real,
    files: {
      ...real.files,
      read: (descriptor, into) => (descriptor === 0 ? read(0, into) : real.files.read(descriptor, into)),
      readAt(descriptor, into, offset) {
        if (descriptor !== 0) return real.files.readAt(descriptor, into, offset);
        const piece = Buffer.from(message.slice(offset, offset + into.length), 'latin1');
        into.set(piece);
        return piece.length;
      },
    },
  };
}

function queueWith(exitCode: number, taken: string[] = []): Queue {
  return async (_system, message, { sender, recipients }) => {
    for (const chunk of message.chunks()) taken.push(textOf(chunk));
    taken.push(sender, ...recipients);
    const answer =
      exitCode === 0 ? ({ verdict: 'K', text: 'ok 1 qp 7' } as const) : answerOfQueueExit(exitCode);
    return { exitCode, answer };
  };
}

const work: Work = { programs: [], sender: 's@x', recipients: ['a@b', 'c@d'], head: 'Head: x\n' };
const save = (name: string, head = '') => ({ command: `cat >${directory}/${name}`, head });

test('programs first, each with the whole message, then the queue', async () => {
  const taken: string[] = [];
  const programs = [save('one'), { command: 'true', head: '' }, save('two', 'Two: \xe9\n')];
  const said = await carryOut(systemWith('m\n'), queueWith(0, taken), { ...work, programs });
  strictEqual(said, 'ok 1 qp 7');
  deepStrictEqual(taken, ['Head: x\nm\n', 's@x', 'a@b', 'c@d']);
  strictEqual(readFileSync(`${directory}/one`, 'latin1'), 'm\n');
  strictEqual(readFileSync(`${directory}/two`, 'latin1'), 'Two: \xe9\nm\n');
});

test('the queue is not asked without recipients', async () => {
  const refuse = () => Promise.reject(new Error('asked'));
  strictEqual(await carryOut(systemWith('m\n'), refuse, { ...work, recipients: [] }), undefined);
});

test('exit codes of programs are verdicts, and what follows is not done', async () => {
  const refuse = () => Promise.reject(new Error('asked'));
  for (const [exit, verdict] of [
    [1, 'Z'],
    [99, 'Z'],
    [127, 'Z'],
    [64, 'D'],
    [65, 'D'],
    [70, 'D'],
    [76, 'D'],
    [77, 'D'],
    [78, 'D'],
    [100, 'D'],
    [112, 'D'],
  ] as const) {
    const programs = [{ command: `exit ${exit}`, head: '' }];
    await rejects(carryOut(systemWith('m\n'), refuse, { ...work, programs }), { verdict, message: '' });
  }
  const programs = [{ command: 'kill -9 $$', head: '' }];
  await rejects(carryOut(systemWith('m\n'), refuse, { ...work, programs }), {
    verdict: 'Z',
    message: /crashed/,
  });
});

test('what the queue refuses or puts off', async () => {
  await rejects(carryOut(systemWith(''), queueWith(31), work), { verdict: 'D' });
  await rejects(carryOut(systemWith(''), queueWith(53), work), { verdict: 'Z' });
});
