import { deepStrictEqual, match, ok, strictEqual, throws } from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Account, dropPrivileges, findAccount } from '../../src/process/index.ts';
import { isRoot } from '../support/hub-home.ts';

const onlyRoot = isRoot ? false : 'only root can become another user';

const door = new URL('../../src/process/index.ts', import.meta.url).href;

interface Tried {
  /** Uid, Gid and Groups lines of /proc/PID/status. */
  readonly status: readonly string[];
  /** What each way back ended with. */
  readonly back: readonly string[];
  readonly error?: string;
}

/** Becomes the account in a process of its own and then tries everything to be root again. */
function become(account: Account, groups: readonly number[] = [0, 4, 27]): Tried {
  const script = `
    import { readFileSync } from 'node:fs';
    import { Worker } from 'node:worker_threads';
    import { dropPrivileges } from ${JSON.stringify(door)};
    process.setgroups(${JSON.stringify(groups)});
    const ways = [
      () => process.setuid(0), () => process.seteuid(0), () => process.setgid(0), () => process.setegid(0),
      () => process.setgroups([0]), () => readFileSync('/etc/shadow'),
    ];
    const tried = (way) => { try { way(); return 'done'; } catch (error) { return error.code; } };
    let error;
    try { dropPrivileges(${JSON.stringify(account)}); } catch (problem) { error = problem.message; }
    const status = readFileSync('/proc/self/status', 'latin1').split('\\n').filter((line) => /^(Uid|Gid|Groups):/.test(line));
    console.log(JSON.stringify({ status, back: error === undefined ? ways.map(tried) : [], error }));`;
  const ended = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  strictEqual(ended.stderr, '');
  return JSON.parse(ended.stdout);
}

function line(name: string, id: number): string {
  return `${name}:\t${[id, id, id, id].join('\t')}`;
}

test('root becomes an ordinary user for good, with no group but its own', { skip: onlyRoot }, () => {
  const account = findAccount('nobody');
  const { status, back, error } = become(account);
  strictEqual(error, undefined);
  deepStrictEqual(
    status.map((text) => text.trimEnd()),
    [line('Uid', account.uid), line('Gid', account.gid), 'Groups:'],
  );
  deepStrictEqual(back, ['EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM', 'EACCES']);
});

test('every thread has changed, those that were there before too', { skip: onlyRoot }, () => {
  const account = findAccount('nobody');
  const script = `
    import { readdirSync, readFileSync } from 'node:fs';
    import { readFile } from 'node:fs/promises';
    import { dropPrivileges } from ${JSON.stringify(door)};
    await readFile('/etc/passwd');
    dropPrivileges(${JSON.stringify(account)});
    for (const thread of readdirSync('/proc/self/task')) {
      console.log(/^Uid:.*$/m.exec(readFileSync('/proc/self/task/' + thread + '/status', 'latin1'))[0]);
    }`;
  const text = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  const lines = text.trimEnd().split('\n');
  ok(lines.length > 4, text);
  deepStrictEqual([...new Set(lines)], [line('Uid', account.uid)]);
});

test('uid 0 and what is no uid are refused before anything changes', { skip: onlyRoot }, () => {
  for (const uid of [0, Number.NaN, 1.5]) {
    const { status, error } = become({ name: 'toor', uid, gid: 65534 }, [0, 4]);
    strictEqual(error, 'toor is not an ordinary user');
    deepStrictEqual(status.slice(0, 2), [line('Uid', 0), line('Gid', 0)]);
    match(status[2] ?? '', /^Groups:\t0 4/);
  }
});

test('an ordinary user becomes nobody else, and is told why', () => {
  const account = isRoot ? undefined : findAccount('nobody');
  if (account !== undefined) {
    throws(() => dropPrivileges(account), /^Error: unable to become nobody: .*EPERM/);
    return;
  }
  const daemon = JSON.stringify(findAccount('daemon'));
  const nobody = JSON.stringify(findAccount('nobody'));
  const script = `
    import { dropPrivileges } from ${JSON.stringify(door)};
    dropPrivileges(${nobody});
    try { dropPrivileges(${daemon}); } catch (error) { console.log(error.message, process.getuid()); }`;
  const text = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  match(text, /^unable to become daemon: .*EPERM.* 65534\n$/);
});

test('accounts are found by name, and those that do not exist are named', () => {
  const root = findAccount('root');
  deepStrictEqual(root, { name: 'root', uid: 0, gid: 0 });
  const fields = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'latin1'));
  deepStrictEqual(findAccount('nobody'), {
    name: 'nobody',
    uid: Number(fields?.[1]),
    gid: Number(fields?.[2]),
  });
  for (const name of ['no-such-user-here', '', '-s', '--help', 'a:b']) {
    throws(() => findAccount(name), { message: `there is no user ${name}` });
  }
});
