import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Answer } from '../../src/system/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { bodyText } from '../support/open-store.ts';
import { bodyOf, parseQsbmf } from '../support/qsbmf.ts';
import { openSending, until } from '../support/sending.ts';

async function deliver(): Promise<Answer> {
  return { verdict: 'D', text: 'Nobody here. (#5.1.1)\n' };
}

/** Runs a hub that kills itself at a step of its bounce. Answers whether it lived to the end. */
function runUntilKilled(directory: string, step: number): boolean {
  const child = fileURLToPath(new URL('../support/bounce-until-killed.ts', import.meta.url));
  const { signal, status, stderr } = spawnSync(process.execPath, [child, directory, String(step)], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.ok(signal === 'SIGKILL' || status === 0, stderr);
  return signal === null;
}

test('a kill between any two steps of a bounce neither loses nor repeats it', async (t) => {
  let steps = 0;
  for (let lived = false; !lived; steps += 1) {
    const directory = temporaryDirectory();
    lived = runUntilKilled(directory, steps);
    const { store, sender, stop } = await openSending({
      directory,
      deliver,
      controls: { concurrencyremote: '0\n' },
    });
    sender.start();
    await until(() => store.counts().failed === 0 && store.counts().incoming === 0);
    const left = [...store.messages()];
    assert.deepEqual(
      left.map((message) => [
        message.sender,
        [...store.recipients(message.id)].map(({ address }) => address),
      ]),
      [['', ['s@away']]],
      `killed at step ${steps}`,
    );
    assert.deepEqual(parseQsbmf(bodyOf(bodyText(store, left[0]?.id ?? 0))).recipients.length, 2);
    await stop();
  }
  t.diagnostic(`${steps - 1} steps`);
  assert.ok(steps > 8, `${steps} steps`);
});
