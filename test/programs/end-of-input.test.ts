import { strictEqual } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

const source = new URL('../../src/programs/end-of-input.ts', import.meta.url).href;

const script = `
  import { endOfInput } from ${JSON.stringify(source)};
  endOfInput().then(() => { console.log('over'); process.exit(7); });
  setInterval(() => undefined, 1000);
  console.log('up');`;

async function start(context: TestContext, stdin: 'pipe' | 'ignore'): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: [stdin, 'pipe', 'inherit'],
  });
  context.after(() => child.kill('SIGKILL'));
  await once(child.stdout ?? child, 'data');
  return child;
}

test('a process hears that the one which started it is gone', async (context) => {
  const child = await start(context, 'pipe');
  const exit = once(child, 'exit');
  // What is written there is no end.
  child.stdin?.write('x'.repeat(100_000));
  await turn();
  strictEqual(child.exitCode, null);
  child.stdin?.destroy();
  strictEqual((await exit)[0], 7);
});

test('an input that is empty ends at once', async (context) => {
  const child = await start(context, 'ignore');
  if (child.exitCode === null) await once(child, 'exit');
  strictEqual(child.exitCode, 7);
});
