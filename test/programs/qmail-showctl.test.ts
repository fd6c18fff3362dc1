import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { controlFiles } from '../../src/programs/control-files.ts';
import { eachBody } from '../support/bodies.ts';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';

function show(home: string, ...args: readonly string[]) {
  return runProgram({ main: satelliteMain, program: 'qmail-showctl', args, env: { QMAILHOME: home } });
}

eachBody('every control file is named once, with what holds', async () => {
  const home = temporaryHome({ me: 'box.example.org\n', qmqpservers: '192.0.2.1\nhub.example.org:6280\n' });
  const { exit, stdout } = await show(home);
  strictEqual(exit, 0);
  ok(stdout.startsWith(`qmail home directory: ${home}.\n`));
  for (const { name } of controlFiles) strictEqual(stdout.split(`\n${name}: `).length, 2, name);
  match(stdout, /\nme: My name is box\.example\.org\.\n/);
  match(stdout, /\nidhost: \(Default\.\) Message-ID host name is box\.example\.org\.\n/);
  match(stdout, /\nqmqpservers: \nQMQP server: 192\.0\.2\.1\.\nQMQP server: hub\.example\.org:6280\.\n/);
});

eachBody('without control/me the defaults are the names of the files, and that is said', async () => {
  const { stdout } = await show(temporaryHome({}));
  match(stdout, /\nme: \(Default\.\) My name is not known/);
  match(stdout, /\ndefaulthost: \(Default\.\) Default host name is defaulthost\.\n/);
  match(stdout, /\nqmqpservers: \(Default\.\) No QMQP servers\.\n/);
  match(stdout, /\nlocals: \(Default\.\) Nothing is delivered locally\.\n/);
});

eachBody('a file that nobody reads is pointed out, and nothing strange reaches the screen', async () => {
  const { stdout } = await show(temporaryHome({ me: 'a\x1b[31m\xe4\n', qmqpserver: '192.0.2.1\n' }));
  match(stdout, /\nqmqpserver: no program of this system reads this file\.\n/);
  match(stdout, /My name is a\\x1b\[31m\\xe4\.\n/);
});

eachBody('trouble is an exit code and a text that names the place', async () => {
  const missing = await show(temporaryDirectory());
  strictEqual(missing.exit, 111);
  match(missing.stderr, /^qmail-showctl: fatal: .*control/);
  const home = temporaryHome({});
  mkdirSync(`${home}/control/me`);
  strictEqual((await show(home)).exit, 111);
  strictEqual((await show(home, 'x')).exit, 100);
  deepStrictEqual((await show(home, '--help')).exit, 0);
});
