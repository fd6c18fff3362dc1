/** docs/signatures.md: its commands, with the built executable. */
import { test } from 'node:test';
import { commandBlocks, runAsDocumented } from '../support/document.ts';
import { executablesMissing } from '../support/executables.ts';
import { unusedPort } from '../support/unused-port.ts';

test('what docs/signatures.md says to type does what it says', { skip: executablesMissing }, async () => {
  const trap =
    'trap \'for one in home far; do [ ! -e $one/pid ] || kill "$(cat $one/pid)"; done 2>/dev/null || :\' EXIT';
  const script = [trap, ...commandBlocks('docs/signatures.md')]
    .join('\n')
    .replaceAll('6280', String(await unusedPort()))
    .replaceAll('6281', String(await unusedPort()));
  await runAsDocumented(script);
});
