import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  type CheckPasswordOptions,
  checkByProgram,
  checkLimits,
  type Login,
} from '../../../src/serve/passwords/index.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { script } from '../../support/script.ts';
import { until } from '../../support/until.ts';

const joe: Login = { user: 'joe', password: 'secret word', timestamp: '<1.2@ref.test>' };

function checker(program: string, more: Partial<CheckPasswordOptions> = {}) {
  const lines: string[] = [];
  const check = checkByProgram({ command: [program], log: (line) => lines.push(line), ...more });
  return { check, lines };
}

/** Reads the login, keeps it, and runs what it is to run. */
function keeper(file: string): string {
  return script(`cat <&3 >${file}; exec 3<&-; exec "$@"`);
}

test('the program reads the login on descriptor 3, and runs something that ends well', async () => {
  const file = `${temporaryDirectory()}/login`;
  const { check, lines } = checker(keeper(file));
  strictEqual(await check(joe, '192.0.2.7'), 'accepted');
  strictEqual(readFileSync(file, 'latin1'), 'joe\0secret word\0<1.2@ref.test>\0');
  deepStrictEqual(lines, []);
});

test('1 is a bad login, and everything else a failure that the log has without the password', async () => {
  for (const end of ['exit 1', 'exit 100'])
    strictEqual(await checker(script(end)).check(joe, '192.0.2.7'), 'refused');
  for (const end of ['exit 2', 'exit 111', 'exit 99', 'kill -9 $$']) {
    const { check, lines } = checker(script(end));
    strictEqual(await check(joe, '192.0.2.7'), 'temporary');
    match(lines.join('\n'), /a login could not be checked/);
    ok(!lines.join('\n').includes(joe.password));
  }
});

test('a program that cannot be started', async () => {
  const { check, lines } = checker(`${temporaryDirectory()}/missing`);
  strictEqual(await check(joe, '192.0.2.7'), 'temporary');
  match(lines.join('\n'), /^alert: .*unable to start it/);
});

test('it finds no variable of ours but those that it needs, and the address', async () => {
  const file = `${temporaryDirectory()}/seen`;
  process.env['SECRET_OF_THE_SERVER'] = 'x';
  const { check } = checker(script(`env >${file}`));
  strictEqual(await check(joe, '192.0.2.7'), 'accepted');
  delete process.env['SECRET_OF_THE_SERVER'];
  const names = readFileSync(file, 'latin1')
    .split('\n')
    .map((line) => line.split('=')[0] ?? '');
  const known = ['PATH', 'QMAILHOME', 'TZ', 'PROTO', 'TCPREMOTEIP', 'PWD', 'SHLVL', '_', 'OLDPWD', ''];
  deepStrictEqual(
    names.filter((name) => !known.includes(name)),
    [],
  );
  ok(readFileSync(file, 'latin1').includes('TCPREMOTEIP=192.0.2.7\n'));
});

test('a program that does not end is ended with all that it has started', async () => {
  const file = `${temporaryDirectory()}/child`;
  const program = script(`sleep 1000 & echo $! >${file}; wait`);
  const { check, lines } = checker(program, { limits: { ...checkLimits, checkMsMax: 500 } });
  strictEqual(await check(joe, '192.0.2.7'), 'temporary');
  match(lines.join('\n'), /it took more than 0.5 seconds/);
  await until('the end of what it has started', () => {
    try {
      const pid = readFileSync(file, 'latin1').trim();
      const state = readFileSync(`/proc/${pid}/stat`, 'latin1').split(' ')[2] ?? '';
      return ['Z', 'X'].includes(state) || undefined;
    } catch {
      // It has left nothing.
      return true;
    }
  });
});

test('a program that does not read is not waited for', async () => {
  strictEqual(await checker(script('exec 3<&-; exit 0')).check(joe, '192.0.2.7'), 'accepted');
});

test('so many at the same time, and no more', async () => {
  const directory = temporaryDirectory();
  const program = script(`while [ ! -e ${directory}/go ]; do sleep 0.01; done`);
  const { check, lines } = checker(program, { limits: { ...checkLimits, checksMax: 2 } });
  const first = [check(joe, '192.0.2.7'), check(joe, '192.0.2.7')];
  strictEqual(await check(joe, '192.0.2.7'), 'temporary');
  match(lines.join('\n'), /no more at the same time/);
  writeFileSync(`${directory}/go`, '');
  deepStrictEqual(await Promise.all(first), ['accepted', 'accepted']);
  strictEqual(await check(joe, '192.0.2.7'), 'accepted');
});

test('what cannot be said to the program is nobody', async () => {
  const { check } = checker(script('exit 0'));
  strictEqual(await check({ ...joe, password: 'x'.repeat(600) }, '192.0.2.7'), 'refused');
  strictEqual(await check({ ...joe, user: 'joe\0root' }, '192.0.2.7'), 'refused');
});
