import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryHome } from '../support/home.ts';
import { runHere } from '../support/run-here.ts';
import { runProgram } from '../support/run-program.ts';
import { openQuietStore, openSteeredQueue, submitTo } from '../support/steered-queue.ts';

function qshape(home: string, ...args: readonly string[]) {
  return runHere(home, 'qmail-qshape', ...args);
}

/** A queue with messages of several ages: the clock of the store is set back for each. */
async function agedHome(): Promise<string> {
  const home = temporaryHome();
  let ageMinutes = 0;
  const store = await openQuietStore(`${home}/queue`, () => Date.now() - ageMinutes * 60_000);
  const submissions: readonly (readonly [number, string, string, readonly string[]])[] = [
    [2000, '192.0.2.1', 'root@one.example', ['a@slow.example', 'b@slow.example', 'c@Slow.example']],
    [15, '192.0.2.1', 'root@one.example', ['a@fast.example', 'root']],
    [1, '', '', ['a@slow.example']],
  ];
  for (const [age, host, sender, recipients] of submissions) {
    ageMinutes = age;
    await submitTo(store, { host, sender, text: 'x\n', recipients });
  }
  await store.close();
  return home;
}

test('a table by destination, by sender and by host', async () => {
  const home = await agedHome();
  deepStrictEqual(await runProgram({ program: 'qmail-qshape', env: { QMAILHOME: home } }), {
    exit: 0,
    stdout: [
      '             T 5 10 20 40 80 160 320 640 1280 1280+',
      '       TOTAL 6 1  0  2  0  0   0   0   0    0     3',
      'slow.example 4 1  0  0  0  0   0   0   0    0     3',
      '      (none) 1 0  0  1  0  0   0   0   0    0     0',
      'fast.example 1 0  0  1  0  0   0   0   0    0     0',
      '',
    ].join('\n'),
    stderr: '',
  });
  match((await qshape(home, '-s')).stdout, /\none\.example 2 0 .* 1\n {9}<> 1 1 .*\n$/);
  match((await qshape(home, '--by-host')).stdout, /\n192\.0\.2\.1 2 0 .* 1\n {4}local 1 1 .*\n$/);
});

test('objects', async () => {
  const { stdout } = await qshape(await agedHome(), '--json', '--older-than', '10m');
  deepStrictEqual(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [
      { name: null, total: 5, counts: [0, 0, 2, 0, 0, 0, 0, 0, 0, 3] },
      { name: 'slow.example', total: 3, counts: [0, 0, 0, 0, 0, 0, 0, 0, 0, 3] },
      { name: '', total: 1, counts: [0, 0, 1, 0, 0, 0, 0, 0, 0, 0] },
      { name: 'fast.example', total: 1, counts: [0, 0, 1, 0, 0, 0, 0, 0, 0, 0] },
    ],
  );
});

test('while the hub runs; what has failed when it is asked for', async () => {
  const { home, close } = await openSteeredQueue();
  match((await qshape(home)).stdout, /\n +TOTAL 8 /);
  match((await qshape(home, '--state', 'failed')).stdout, /\n +TOTAL 1 .*\ntwo\.example 1 .*\n$/);
  await close();
});

test('an empty table, no queue, and called wrongly', async () => {
  const { home, close } = await openSteeredQueue();
  await close();
  match((await qshape(home, '--host', 'nobody')).stdout, /^.*1280\+\nTOTAL 0 0 [^\n]*\n$/);
  const none = await qshape(temporaryHome());
  strictEqual(none.exit, 111);
  match(none.stderr, /there is no queue/);
  for (const args of [['x'], ['--state', 'asleep'], ['-s', '--by-host'], ['-t']]) {
    const wrong = await qshape(home, ...args);
    strictEqual(wrong.exit, 100);
    match(wrong.stderr, /^qmail-qshape: .*\nusage: qmail-qshape /);
  }
});
