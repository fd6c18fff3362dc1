import { match, strictEqual, throws } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { becomeProgram } from '../../src/programs/become-program.ts';

test('a program in the place of this one, with its descriptors and variables', () => {
  const file = fileURLToPath(new URL('../../src/programs/become-program.ts', import.meta.url));
  const script = `import { becomeProgram } from ${JSON.stringify(file)}; becomeProgram(['sh', '-c', 'cat; echo "$ADDED $KEPT"; echo err >&2; exit 7'], { ADDED: 'added' });`;
  const ended = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    input: 'in ',
    encoding: 'latin1',
    env: { PATH: '/usr/bin:/bin', KEPT: 'kept' },
  });
  strictEqual(ended.status, 7);
  strictEqual(ended.stdout, 'in added kept\n');
  match(ended.stderr, /err\n$/);
});

test('a program that is not there', () => {
  throws(() => becomeProgram(['no-such-program-anywhere']), /there is no program no-such-program-anywhere/);
  throws(() => becomeProgram(['/no/such/program']), { code: 'ENOENT' });
});
