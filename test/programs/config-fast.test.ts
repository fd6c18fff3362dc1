import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';
import { runProgram } from '../support/run-program.ts';

function configure(home: string, ...args: readonly string[]) {
  return runProgram({ program: 'config-fast', args, env: { QMAILHOME: home } });
}

function controls(home: string): Record<string, string> {
  const names = readdirSync(`${home}/control`);
  return Object.fromEntries(names.map((name) => [name, readFileSync(`${home}/control/${name}`, 'latin1')]));
}

test('the controls of a host, in a home that is empty', async () => {
  const home = temporaryDirectory();
  const ended = await configure(home, 'mail.dept.example.org');
  strictEqual(ended.exit, 0);
  match(ended.stdout, /mail\.dept\.example\.org.*control\/me/);
  deepStrictEqual(controls(home), {
    me: 'mail.dept.example.org\n',
    defaultdomain: 'dept.example.org\n',
    plusdomain: 'example.org\n',
    locals: 'mail.dept.example.org\n',
    rcpthosts: 'mail.dept.example.org\n',
  });
  for (const name of readdirSync(`${home}/control`)) {
    strictEqual(statSync(`${home}/control/${name}`).mode & 0o777, 0o644);
  }
});

test('short names have no domain to give', async () => {
  for (const [host, domain, plus] of [
    ['example.org', 'example.org', 'example.org'],
    ['box', 'box', 'box'],
  ] as const) {
    const home = temporaryDirectory();
    strictEqual((await configure(home, host)).exit, 0);
    deepStrictEqual(
      [controls(home)['defaultdomain'], controls(home)['plusdomain']],
      [`${domain}\n`, `${plus}\n`],
    );
  }
});

test('lists are added to and keep what they hold; a second run adds nothing', async () => {
  const home = temporaryHome({ locals: '# ours\nlocalhost', me: 'old.example.org\n' });
  strictEqual((await configure(home, 'a.example.org')).exit, 0);
  strictEqual(controls(home)['locals'], '# ours\nlocalhost\na.example.org\n');
  strictEqual(controls(home)['me'], 'a.example.org\n');
  const before = controls(home);
  strictEqual((await configure(home, 'a.example.org')).exit, 0);
  deepStrictEqual(controls(home), before);
});

test('what is no host name is refused before anything is written', async () => {
  const home = temporaryDirectory();
  for (const host of ['', 'a..b', '.a', 'a b', 'a@b', 'a/b', 'x'.repeat(300), 'a\nb', 'caf\xe9.org']) {
    strictEqual((await configure(home, host)).exit, 100, JSON.stringify(host));
  }
  strictEqual((await configure(home)).exit, 100);
  strictEqual((await configure(home, 'a.b', 'c.d')).exit, 100);
  deepStrictEqual(readdirSync(home), []);
});

test('a failure names the file', async () => {
  const home = temporaryDirectory();
  mkdirSync(`${home}/control`);
  mkdirSync(`${home}/control/me`);
  const ended = await configure(home, 'a.example.org');
  strictEqual(ended.exit, 111);
  match(ended.stderr, /^config-fast: fatal: .*control\/me/);
  const file = `${temporaryDirectory()}/file`;
  writeFileSync(file, '');
  strictEqual((await configure(file, 'a.example.org')).exit, 111);
});
