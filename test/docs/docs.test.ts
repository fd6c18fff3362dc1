/** The documents tell the truth: their commands are run, in the order of the text, and their links lead somewhere. */
import { deepStrictEqual } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { commandBlocks, runAsDocumented } from '../support/document.ts';
import { files, textOfFile } from '../support/sources.ts';
import { top } from '../support/top.ts';
import { unusedPort } from '../support/unused-port.ts';

const documents = files('*.md', 'docs/*.md');

test('what docs/hub.md and docs/satellite.md say to type does what they say', async () => {
  const hub = commandBlocks('docs/hub.md');
  const port = String(await unusedPort());
  const stop = hub.at(-1) ?? '';
  // Whatever fails, the hub and the collector end with the script; the last command of all waits for that.
  const trap =
    'trap \'for one in hub keeper; do [ ! -e $one/pid ] || kill "$(cat $one/pid)"; done 2>/dev/null || :\' EXIT';
  const script = [trap, ...hub.slice(0, -1), ...commandBlocks('docs/satellite.md'), stop, 'wait']
    .join('\n')
    .replaceAll('6280', port);
  const cwd = await runAsDocumented(script);
  const inbox = join(cwd, 'hub/home/Maildir/new');
  const subjects = readdirSync(inbox).map(
    (name) => /^Subject: (.*)$/m.exec(readFileSync(join(inbox, name), 'latin1'))?.[1],
  );
  deepStrictEqual(subjects.sort(), [
    'backup is done',
    'by a link',
    'from the hub',
    'left for the flush',
    'nobody is there yet',
    'through the collector',
  ]);
});

test('links lead to files', () => {
  const lost = documents.flatMap((document) =>
    [...textOfFile(document).matchAll(/\]\(([^)]+)\)/g)]
      .map(([, target = '']) => join(dirname(document), target))
      .filter((target) => !existsSync(join(top, target))),
  );
  deepStrictEqual(lost, []);
});

test('files and commands that the README names exist', () => {
  const named = [
    ...textOfFile('README.md').matchAll(/(?:^ {4}\.\/|`(?:\.\/)?)((?:scripts|test)\/[\w./-]+)/gm),
  ];
  deepStrictEqual(
    named.map(([, path = '']) => path).filter((path) => !existsSync(join(top, path))),
    [],
  );
  const { scripts } = JSON.parse(textOfFile('package.json'));
  const npm = [...textOfFile('README.md').matchAll(/`npm run (\w+)/g)].map(([, name = '']) => name);
  deepStrictEqual(
    npm.filter((name) => !(name in scripts)),
    [],
  );
});
