/** All texts of up to seven letters over small alphabets: every test of a grammar, in its long form. */
import { strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { longTexts } from '../support/every-text.ts';
import { files, textOfFile } from '../support/sources.ts';
import { top } from '../support/top.ts';

export async function smallAlphabet(context: TestContext): Promise<void> {
  const grammars = files('test/**/*.test.ts').filter((file) => textOfFile(file).includes('everyText('));
  context.diagnostic(`${grammars.length} files`);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(
    process.execPath,
    ['--test', '--test-reporter=spec', ...grammars.map((file) => join(top, file))],
    {
      cwd: top,
      env: { ...env, [longTexts]: '1' },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  const [exit] = await once(child, 'close');
  strictEqual(exit, 0);
}
