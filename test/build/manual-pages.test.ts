/** Every program has a manual page that says what a manual page must say, and that formatters take without complaint. */
import { deepStrictEqual, match, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { writeManualPages } from '../../build/manual-pages.ts';
import { formatPages } from '../../src/programs/format-pages.ts';
import { hubPrograms } from '../../src/programs/hub-table.ts';
import { needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';

const directory = temporaryDirectory();
const pages = await writeManualPages(hubPrograms, directory);

test('there is a page for every program, in section 1 or 8, and for each format in section 5', async () => {
  deepStrictEqual(readdirSync(directory).sort(), [...pages].sort());
  for (const [name, load] of Object.entries(hubPrograms)) {
    const { manual } = await load();
    ok(manual.section === 1 || manual.section === 8, name);
    ok(pages.includes(`${manual.name}.${manual.section}`), name);
  }
  for (const { name } of formatPages) ok(pages.includes(`${name}.5`), name);
});

test('a manual has its purpose, synopsis, description and exit codes', async () => {
  for (const [name, load] of Object.entries(hubPrograms)) {
    const { manual } = await load();
    match(manual.purpose, /^[^A-Z.].*[^.]$/, `${name}: the purpose completes "name - ..."`);
    ok(manual.synopsis.length > 0, `${name}: synopsis`);
    ok(manual.description.join('').length > 50, `${name}: description`);
    ok(manual.exitCodes.length > 0, `${name}: exit codes`);
    ok(
      manual.exitCodes.every(([code]) => /^\d+(, \d+|-\d+| to \d+)*$/.test(code)),
      `${name}: exit codes are numbers`,
    );
  }
});

/** Pages of other packages. */
const foreignPages = ['tcpclient(1)', 'tcpserver(1)', 'tcprules(1)'];

test('every reference to another page leads to one', async () => {
  const lost: string[] = [];
  for (const load of Object.values(hubPrograms)) {
    const { manual } = await load();
    for (const reference of manual.seeAlso ?? []) {
      const [, name, section] = /^(.+)\((\d)\)$/.exec(reference) ?? [];
      const found = pages.includes(`${name}.${section}`) || foreignPages.includes(reference);
      if (!found && section !== '5' && section !== '7') lost.push(`${manual.name}: ${reference}`);
    }
  }
  deepStrictEqual(lost, []);
});

const formatters = [
  ['groff', '-man', '-Tutf8', '-ww', '-z'],
  ['mandoc', '-Tlint', '-Wwarning'],
];

/** Pages carry no date: the same sources make the same page on any day. */
function isWanted(complaint: string): boolean {
  return complaint === '' || complaint.includes('WARNING: missing date');
}

for (const [program = '', ...args] of formatters) {
  test(`${program} formats every page without a warning`, needs(program), () => {
    for (const page of pages) {
      const { stdout, stderr } = spawnSync(program, [...args, `${directory}/${page}`], { encoding: 'utf8' });
      const complaints = `${stdout}${stderr}`.split('\n').filter((line) => !isWanted(line));
      deepStrictEqual(complaints, [], page);
    }
  });
}
