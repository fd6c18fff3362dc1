import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Finding } from '../../src/programs/doctor-finding.ts';
import { inspectSpool } from '../../src/programs/doctor-spool.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { eachBody } from '../support/bodies.ts';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';
import { unusedPort } from '../support/unused-port.ts';

function inspect(controls: Readonly<Record<string, string>>, laterMs = 0): readonly Finding[] {
  const home = temporaryHome(controls);
  const system = nodeSystem([]);
  return inspectSpool({
    ...system,
    now: () => system.now() + laterMs,
    env: (name) => (name === 'QMAILHOME' ? home : undefined),
  });
}

const states = (findings: readonly Finding[]) => findings.map(({ what, state }) => `${state} ${what}`);

/** A spool with a message, kept since no hub was there. */
async function spoolWithMail(): Promise<string> {
  const spool = `${temporaryDirectory()}/spool`;
  const hub = `127.0.0.1:${await unusedPort()}`;
  const home = temporaryHome({ me: 'box.example\n', qmqpservers: `${hub}\n`, spool: `${spool}\n` });
  const run = { main: satelliteMain, program: 'sendmail', args: ['you@hub.example'], stdin: 'hello\n' };
  strictEqual((await runProgram({ ...run, env: { QMAILHOME: home } })).exit, 0);
  return spool;
}

test('without a spool it says what that means', () => {
  const [finding, ...others] = inspect({});
  deepStrictEqual([finding?.state, others], ['ok', []]);
  match(finding?.says ?? '', /not kept/);
});

test('a spool that is there, or will be, is in order', () => {
  const directory = temporaryDirectory();
  const well = ['ok spool', 'ok room in the spool', 'ok messages in the spool'];
  deepStrictEqual(states(inspect({ spool: `${directory}\n` })), well);
  deepStrictEqual(states(inspect({ spool: `${directory}/later\n` })), well);
  deepStrictEqual(readdirSync(directory), []);
});

test('what keeps messages out of it is a problem', () => {
  const file = `${temporaryDirectory()}/file`;
  writeFileSync(file, '');
  deepStrictEqual(states(inspect({ spool: `${file}\n` })), ['problem spool']);
  deepStrictEqual(states(inspect({ spool: '\n' })), ['problem spool']);
  const directory = temporaryDirectory();
  const full = inspect({ spool: `${directory}\n`, spoolfree: `${2 ** 52}\n` });
  match(states(full).join(), /problem room in the spool/);
  match(
    states(inspect({ spool: `${directory}\n`, spoolmessages: '0\n' })).join(),
    /problem room in the spool/,
  );
});

test('a spool that everybody can write to is pointed out', () => {
  const directory = temporaryDirectory();
  chmodSync(directory, 0o777);
  match(states(inspect({ spool: `${directory}\n` })).join(), /^warning spool,/);
});

eachBody('messages that wait for long, and those that were set aside, are pointed out', async () => {
  const spool = await spoolWithMail();
  deepStrictEqual(inspect({ spool: `${spool}\n` }).at(-1)?.state, 'ok');
  const late = inspect({ spool: `${spool}\n` }, 3_600_000).at(-1);
  strictEqual(late?.state, 'warning');
  match(late?.says ?? '', /^1, the oldest /);
});

test('where others keep the messages, their directory must be there', () => {
  const directory = temporaryDirectory();
  deepStrictEqual(states(inspect({ collector: `${directory}\n` })), ['ok control/collector']);
  mkdirSync(`${directory}/drop`);
  deepStrictEqual(states(inspect({ drop: `${directory}/drop\n` })), ['ok control/drop']);
  deepStrictEqual(states(inspect({ drop: `${directory}/nowhere\n` })), ['problem control/drop']);
});
