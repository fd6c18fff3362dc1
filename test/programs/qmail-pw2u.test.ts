import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { qmailPw2u } from '../../src/programs/qmail-pw2u.ts';
import { hubQueue } from '../../src/submit/index.ts';
import type { Files } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { isRoot } from '../support/hub-home.ts';
import { memorySystem } from '../support/memory-system.ts';
import { runHere } from '../support/run-here.ts';
import { runProgram } from '../support/run-program.ts';
import { usersHome } from '../support/users.ts';

interface Setting {
  readonly args?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly home?: string;
}

/** In this process; one test below runs it as users do. */
async function pw2u(passwd: string, { args = ['-H'], files = {}, home = usersHome() }: Setting = {}) {
  for (const [name, text] of Object.entries(files)) writeFileSync(`${home}/users/${name}`, text, 'latin1');
  const { system, output } = memorySystem({ args, stdin: passwd, env: { QMAILHOME: home } });
  const real = nodeSystem([]);
  const { open, close, status } = real.files;
  const read: Files['read'] = (descriptor, into) =>
    (descriptor === 0 ? system : real).files.read(descriptor, into);
  const mixed = { ...system, files: { ...system.files, open, close, status, read } };
  const exit = await qmailPw2u.run(mixed, { queue: hubQueue });
  return { exit, stdout: output(1), stderr: output(2) };
}

/** The lines that were printed, without the dot. */
async function lines(passwd: string, setting: Setting = {}): Promise<readonly string[]> {
  const { exit, stdout, stderr } = await pw2u(passwd, setting);
  deepStrictEqual([exit, stderr, stdout.slice(-2)], [0, '', '.\n']);
  return stdout.slice(0, -2).split('\n').slice(0, -1);
}

const alias = 'alias:x:7790:2108::/alias:/bin/true\n';
const joe = 'joe:*:503:78:Joe Shmoe:/home/joe:/bin/csh\n';

const aliasLines = [
  '+:alias:7790:2108:/alias:-::',
  '=alias:alias:7790:2108:/alias:::',
  '+alias-:alias:7790:2108:/alias:-::',
];
const joeLines = ['=joe:joe:503:78:/home/joe:::', '+joe-:joe:503:78:/home/joe:-::'];

test('each account gets its name and what begins with it; alias gets the rest', async () => {
  deepStrictEqual(await lines(`${joe}${alias}`), [...joeLines, ...aliasLines]);
  // The last line needs no LF, and lines that are no accounts mean nothing.
  const odd = `\n#\nshort:x:1:1::/home\nnul\0:x:1:1::/:\nroot:x:0:0::/root:/bin/sh\nno:x:no:1::/:\n`;
  deepStrictEqual(await lines(`${odd}${alias}${joe.trimEnd()}`), [...aliasLines, ...joeLines]);
});

test('without the account alias there is nothing', async () => {
  const ended = await pw2u(joe);
  deepStrictEqual([ended.exit, ended.stdout], [111, '']);
  match(ended.stderr, /^qmail-pw2u: fatal: there is no account alias/);
});

test('-c, -C and -/', async () => {
  const printed = async (...args: readonly string[]) =>
    (await lines(`${alias}${joe}`, { args: ['-H', ...args] })).filter((line) => !line.includes('=alias'));
  const all = '+:alias:7790:2108:/alias:-::';
  const own = '=joe:joe:503:78:/home/joe:::';
  deepStrictEqual(await printed('-c+'), [
    all,
    '+alias+:alias:7790:2108:/alias:-::',
    own,
    '+joe+:joe:503:78:/home/joe:-::',
  ]);
  deepStrictEqual(await printed('-C'), [all, own]);
  deepStrictEqual(await printed('-c', ''), [all, own]);
  deepStrictEqual(await printed('-c+', '-C'), [all, own]);
  deepStrictEqual(await printed('-C', '-c', '+x'), await printed('-c+'));
  deepStrictEqual(await printed('-/'), [
    '+:alias:7790:2108:/alias:-/::',
    '+alias-:alias:7790:2108:/alias:-/::',
    own,
    '+joe-:joe:503:78:/home/joe:-/::',
  ]);
});

test('-u and -U', async () => {
  const capital = 'Ann:x:504:79::/home/ann:\n';
  const names = async (...args: readonly string[]) =>
    (await lines(`${alias}${capital}`, { args: ['-H', ...args] })).filter((line) => line.startsWith('=A'));
  deepStrictEqual(await names(), []);
  deepStrictEqual(await names('-u'), ['=Ann:Ann:504:79:/home/ann:::']);
  deepStrictEqual(await names('-uU'), []);
  deepStrictEqual(await names('-Uu'), ['=Ann:Ann:504:79:/home/ann:::']);
});

test('users/include and users/exclude', async () => {
  const passwd = `${alias}${joe}ann:x:504:79::/home/ann:\n`;
  const users = async (files: Readonly<Record<string, string>>) =>
    (await lines(passwd, { files })).filter((line) => line.startsWith('=')).map((line) => line.split(':')[0]);
  deepStrictEqual(await users({ include: '# some\n\nalias\nJOE \t\n' }), ['=alias', '=joe']);
  deepStrictEqual(await users({ exclude: 'Joe' }), ['=alias', '=ann']);
  deepStrictEqual(await users({ include: 'alias\njoe', exclude: 'joe' }), ['=alias']);
  strictEqual((await pw2u(passwd, { files: { include: '' } })).exit, 111);
});

test('users/mailnames: other names, of which the last line for a user counts', async () => {
  const files = { mailnames: 'nobody:x\njoe:first\nJoe:::joe.shmoe:shmoe::\nalias\n' };
  deepStrictEqual(await lines(`${alias}${joe}`, { files }), [
    ...aliasLines,
    '=joe.shmoe:joe:503:78:/home/joe:::',
    '+joe.shmoe-:joe:503:78:/home/joe:-::',
    '=shmoe:joe:503:78:/home/joe:::',
    '+shmoe-:joe:503:78:/home/joe:-::',
  ]);
  deepStrictEqual(await lines(`${alias}${joe}`, { files: { mailnames: 'joe:' } }), aliasLines);
});

test('users/subusers and users/append come behind the accounts', async () => {
  const files = {
    subusers: 'sales:joe:shop:\nno assignment\n#:\nlist:Joe::more\nshort:joe:x\n',
    append: '=extra:u:1:2:/:::\nanything',
  };
  const { stdout } = await pw2u(`${alias}${joe}`, { files });
  strictEqual(
    stdout,
    [
      ...aliasLines,
      ...joeLines,
      '=sales:joe:503:78:/home/joe:-:shop:',
      '+sales-:joe:503:78:/home/joe:-:shop-:',
      '=list:joe:503:78:/home/joe:-::',
      '+list-:joe:503:78:/home/joe:-:-:',
      '=extra:u:1:2:/:::',
      'anything.\n',
    ].join('\n'),
  );
  const stranger = await pw2u(`${alias}${joe}`, { files: { subusers: 'sales:ann:shop:\n' } });
  deepStrictEqual([stranger.exit, stranger.stdout], [111, '']);
  match(stranger.stderr, /there is no account ann for sales/);
});

test('homes: -o passes over, -h stops, -H does not look', { skip: !isRoot && 'needs root' }, async () => {
  const home = usersHome();
  for (const [name, uid] of [
    ['alias', 7790],
    ['joe', 503],
    ['other', 0],
  ] as const) {
    mkdirSync(`${home}/${name}`);
    chownSync(`${home}/${name}`, uid, uid);
  }
  const entry = (name: string, uid: number, path = `${home}/${name}`) => `${name}:x:${uid}:1::${path}:\n`;
  const passwd = [
    entry('alias', 7790),
    // Relative homes are looked for in the home of the installation, where the original works.
    entry('joe', 503, 'joe'),
    entry('other', 504),
    entry('gone', 505),
  ].join('');
  const users = async (...args: readonly string[]) =>
    (await lines(passwd, { args, home }))
      .filter((line) => line.startsWith('='))
      .map((line) => line.split(':')[0]);
  deepStrictEqual(await users(), ['=alias', '=joe']);
  deepStrictEqual(await users('-h', '-o'), ['=alias', '=joe']);
  deepStrictEqual(await users('-H'), ['=alias', '=joe', '=other', '=gone']);
  const stopped = await pw2u(passwd, { args: ['-h'], home });
  deepStrictEqual([stopped.exit, stopped.stdout], [111, '']);
  match(stopped.stderr, /unable to look at the home .*gone: .*ENOENT/);
  const strange = await pw2u(`${passwd}${entry('odd', 506, `${home}/users/none/x`)}`, { args: [], home });
  strictEqual(strange.exit, 0);
  writeFileSync(`${home}/file`, '');
  const blocked = await pw2u(`${passwd}${entry('odd', 506, `${home}/file/x`)}`, { args: [], home });
  strictEqual(blocked.exit, 111);
});

test('as a program, whose output qmail-newu takes', async () => {
  const home = usersHome();
  const stdin = `${alias}${joe}`;
  const ended = await runProgram({ program: 'qmail-pw2u', args: ['-H'], stdin, env: { QMAILHOME: home } });
  deepStrictEqual(ended, await pw2u(stdin));
  writeFileSync(`${home}/users/assign`, ended.stdout);
  deepStrictEqual(await runHere(home, 'qmail-newu'), { exit: 0, stdout: '', stderr: '' });
});

test('calls that make no sense', async () => {
  for (const args of [['x'], ['-x'], ['-c']]) {
    const ended = await pw2u(alias, { args });
    strictEqual(ended.exit, 100);
    match(ended.stderr, /usage: qmail-pw2u/);
  }
});
