import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSerialClient, type SerialEnd } from '../../src/programs/serial-client.ts';
import type { SerialReport } from '../../src/programs/serial-report.ts';
import { temporaryDirectory } from '../support/home.ts';

const names = ['new/1', 'new/caf\xe9'];

async function run(
  command: readonly string[],
  given: readonly string[] = names,
  take?: (report: SerialReport) => Promise<void>,
): Promise<{ readonly end: SerialEnd; readonly reports: readonly SerialReport[] }> {
  const reports: SerialReport[] = [];
  const end = await runSerialClient({
    command,
    directory: temporaryDirectory(),
    names: given,
    take: take ?? (async (report) => void reports.push(report)),
  });
  return { end, reports };
}

test('the client reads the names and reports on them, and its exit code is told', async () => {
  const { end, reports } = await run(['sh', '-c', 'cat; printf "K\\n"; exit 7']);
  assert.equal(end, 7);
  assert.deepEqual(reports, [{ name: 'new/1', verdict: 'Z', text: 'ew/caf\xe9\0K' }]);
});

test('it runs in the directory, and may end without reading', async () => {
  const many = Array.from({ length: 50_000 }, (_, index) => `new/${index}`);
  const { end, reports } = await run(['sh', '-c', 'pwd; exit 0'], many);
  assert.deepEqual([end, reports], [0, []]);
});

test('reports are dealt with one after the other', async () => {
  let running = 0;
  let taken = 0;
  const script = 'for name in 1 2 3 4 5; do printf "new/%s\\0Kok\\n" $name; done';
  await run(['sh', '-c', script], names, async () => {
    running += 1;
    assert.equal(running, 1);
    await new Promise(setImmediate);
    running -= 1;
    taken += 1;
  });
  assert.equal(taken, 5);
});

test('a client that is killed, does not report as it should, or does not exist', async () => {
  assert.equal((await run(['sh', '-c', 'kill -9 $$'])).end, undefined);
  assert.equal((await run(['sh', '-c', 'yes 2>/dev/null'])).end, 'malformed');
  await assert.rejects(run(['/nonexistent']), { code: 'ENOENT', message: /nonexistent/ });
  await assert.rejects(
    run(['sh', '-c', 'printf "new/1\\0Kok\\n"; cat /dev/zero'], names, async () => {
      throw new Error('it cannot be taken');
    }),
    /it cannot be taken/,
  );
});
