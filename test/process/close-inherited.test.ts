import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';

/** The place among those that are left open, descriptor 3 being the first, at which there is none. */
const gapAt = 20;

const skip = process.platform !== 'linux' && 'needs /proc';

test('what was left open reaches nobody, and what Node has for itself goes on', { skip }, () => {
  const url = new URL('../../src/process/close-inherited.ts', import.meta.url).href;
  const script = `
    import { spawnSync } from 'node:child_process';
    import { readFile } from 'node:fs/promises';
    import { closeInherited } from '${url}';
    console.log(closeInherited().length > 0, closeInherited().length);
    await readFile('/proc/self/stat');
    const list = ['-c', 'cd /proc/$$/fd && echo *'];
    setTimeout(() => console.log(spawnSync('sh', list, { encoding: 'latin1' }).stdout), 1);
  `;
  const file = openSync('/dev/null', 'r');
  try {
    // Node marks those below 16 as closed on exec, and all that follow without a gap; it does not see what lies behind one.
    const left = Array.from({ length: 40 }, (_, index) => (index === gapAt ? 'ignore' : file));
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'latin1',
      stdio: ['ignore', 'pipe', 'pipe', ...left],
    });
    assert.equal(stderr, '');
    // The shell reads the directory on 3.
    assert.equal(stdout, 'true 0\n0 1 2 3\n\n');
  } finally {
    closeSync(file);
  }
});
