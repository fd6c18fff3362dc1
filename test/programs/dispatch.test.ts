import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dispatch, resolveCall } from '../../src/programs/dispatch.ts';
import type { Program, ProgramTable } from '../../src/programs/program.ts';
import { type System, SystemError, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';

const manual: Program['manual'] = {
  name: 'one',
  section: 8,
  purpose: 'do one thing',
  synopsis: ['[argument]'],
  description: ['one does one thing.'],
  exitCodes: [['0', 'Done.']],
};

const table: ProgramTable = {
  one: async () => ({ manual, run: async (system) => Number(system.args[0] ?? 0) }),
  breaking: async () => ({
    manual: { ...manual, name: 'breaking' },
    run: async () => {
      throw new SystemError('EIO', 'control/me: input/output error');
    },
  }),
  unloadable: async () => {
    throw new Error('no such module');
  },
};

async function run(calledAs: string, ...args: readonly string[]) {
  const call = resolveCall(table, calledAs, args);
  const output = ['', '', ''];
  const system = nodeSystem(call.args);
  const recording: System = {
    ...system,
    files: {
      ...system.files,
      write(descriptor, bytes) {
        output[descriptor] += textOf(bytes);
      },
    },
  };
  const queue = async () => assert.fail('nothing was to be queued');
  const exit = await dispatch(table, call, recording, { queue });
  return { exit, stdout: output[1] ?? '', stderr: output[2] ?? '' };
}

test('a link named after a program, and the program’s name as first argument, are the same call', () => {
  const call = { name: 'one', args: ['-a', 'b'] };
  assert.deepEqual(resolveCall(table, '/usr/sbin/one', ['-a', 'b']), call);
  assert.deepEqual(resolveCall(table, 'one', ['-a', 'b']), call);
  assert.deepEqual(resolveCall(table, '/opt/mini-qmail', ['one', '-a', 'b']), call);
  assert.deepEqual(resolveCall(table, '', ['one']), { name: 'one', args: [] });
  assert.deepEqual(resolveCall(table, '/opt/mini-qmail', []), { name: '', args: [] });
  assert.deepEqual(resolveCall(table, '/usr/sbin/one', ['two']), { name: 'one', args: ['two'] });
});

test('the program’s exit code is the exit code', async () => {
  assert.deepEqual(await run('one', '17'), { exit: 17, stdout: '', stderr: '' });
  assert.deepEqual(await run('mini-qmail', 'one', '31'), { exit: 31, stdout: '', stderr: '' });
});

test('--help alone is answered from the manual', async () => {
  const { exit, stdout, stderr } = await run('one', '--help');
  assert.equal(exit, 0);
  assert.equal(stderr, '');
  assert.match(stdout, /^one - do one thing\n/);
  assert.equal((await run('one', '5', '--help')).exit, 5);
});

test('no program, and one that there is not', async () => {
  const list = /programs: breaking one unloadable\n/;
  const none = await run('mini-qmail');
  assert.equal(none.exit, 100);
  assert.match(none.stdout, list);
  const help = await run('mini-qmail', '--help');
  assert.equal(help.exit, 0);
  assert.match(help.stdout, list);
  const wrong = await run('mini-qmail', 'two');
  assert.equal(wrong.exit, 100);
  assert.match(wrong.stderr, /^mini-qmail: there is no program two\n/);
  assert.equal(wrong.stdout, '');
});

test('names that every object has are no programs', async () => {
  for (const name of ['toString', 'constructor', '__proto__', 'hasOwnProperty']) {
    assert.equal((await run('mini-qmail', name)).exit, 100);
    assert.equal((await run(name)).exit, 100);
  }
});

test('what a program lets escape is a temporary failure that names the program', async () => {
  assert.deepEqual(await run('breaking'), {
    exit: 111,
    stdout: '',
    stderr: 'breaking: fatal: control/me: input/output error\n',
  });
  assert.deepEqual(await run('unloadable'), {
    exit: 111,
    stdout: '',
    stderr: 'unloadable: fatal: no such module\n',
  });
});
