import assert from 'node:assert/strict';
import { eachBody } from '../support/bodies.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';

const program = 'predate';

async function predate(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return await runProgram({ main: satelliteMain, program, args, env, stdin: 'To: a@b\n\nhi\n' });
}

eachBody('the field is on top, in the zone of $TZ', async () => {
  const { exit, stdout } = await predate(['cat'], { TZ: 'Asia/Tokyo' });
  assert.equal(exit, 0);
  assert.match(stdout, /^Date: \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} \+0900\nTo: a@b\n\nhi\n$/);
  const shown = Date.parse(stdout.slice('Date: '.length, stdout.indexOf('\n')));
  assert.ok(Math.abs(shown - Date.now()) < 60_000, stdout);
});

eachBody("the program's exit code, or 111 when it cannot be run", async () => {
  assert.equal((await predate(['sh', '-c', 'exit 77'])).exit, 77);
  assert.equal((await predate(['/nonexistent'])).exit, 111);
  const killed = await predate(['sh', '-c', 'kill -9 $$']);
  assert.deepEqual([killed.exit, killed.stderr], [111, 'predate: fatal: child crashed\n']);
  const wrong = await predate([]);
  assert.deepEqual([wrong.exit, wrong.stderr], [100, 'predate: usage: predate PROGRAM [ARGUMENT ...]\n']);
});
