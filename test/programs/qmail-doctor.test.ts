import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';
import { answering, scriptedHub } from '../support/scripted-hub.ts';
import { unusedPort } from '../support/unused-port.ts';

function doctor(home: string, ...args: readonly string[]) {
  return runProgram({ main: satelliteMain, program: 'qmail-doctor', args, env: { QMAILHOME: home } });
}

function satellite(hub: string): string {
  return temporaryHome({ me: 'box.example\n', qmqpservers: `${hub}\n` });
}

test('it goes from the home to the hubs, and ends with the worst', async () => {
  const hub = await scriptedHub(answering('3:Dno,'));
  const { exit, stdout, stderr } = await doctor(satellite(hub.text));
  // The links of the machine that runs the tests do not lead to the test.
  strictEqual(exit, 1, stdout + stderr);
  match(stdout, /^ok {7}home: /);
  match(stdout, /^ok {7}control\/me: box\.example$/m);
  match(stdout, new RegExp(`^ok {7}hub ${hub.text}: speaks QMQP$`, 'm'));
  match(stdout, /\n0 problems, \d+ warnings?\.\n$/);
  deepStrictEqual(hub.received, ['0:,']);
});

test('--send sends a message, and says what a hub said', async () => {
  const hub = await scriptedHub(async (connection) => {
    const request = await connection.request();
    connection.send(request.length > 3 ? '9:Kok 42 qp,' : '3:Dno,');
    connection.close();
  });
  const { exit, stdout } = await doctor(satellite(hub.text), '--send', 'you@hub.example');
  strictEqual(exit, 1, stdout);
  match(stdout, /^ok {7}message to you@hub\.example: taken: ok 42 qp$/m);
  const [, sent = ''] = hub.received;
  match(sent, /Subject: a test by qmail-doctor\n/);
  match(sent, /,15:you@hub\.example,,$/);
});

test('a message that is refused is a problem, and none is sent where there is one', async () => {
  const refusing = await scriptedHub(answering('12:Dno such box,'));
  const refused = await doctor(satellite(refusing.text), '--send', 'you@hub.example');
  strictEqual(refused.exit, 2);
  match(refused.stdout, /^problem {2}message to you@hub\.example: .*no such box/m);
  const away = await doctor(satellite(`127.0.0.1:${await unusedPort()}`), '--send', 'you@hub.example');
  strictEqual(away.exit, 2);
  ok(!away.stdout.includes('message to'), away.stdout);
});

test('--json is one object with the same', async () => {
  const { exit, stdout } = await doctor(`${temporaryDirectory()}/nowhere`, '--json');
  strictEqual(exit, 2);
  const { problems, warnings, findings } = JSON.parse(stdout);
  deepStrictEqual([problems, warnings, findings.length, findings[0].what], [1, 0, 1, 'home']);
});

test('it says how it is called', async () => {
  for (const args of [['--wrong'], ['operand'], ['--send', ''], ['--send', 'a\nBcc: b']]) {
    const { exit, stderr } = await doctor(temporaryHome({}), ...args);
    strictEqual(exit, 100, args.join(' '));
    match(stderr, /usage: qmail-doctor/);
  }
  strictEqual((await doctor(temporaryHome({}), '--help')).exit, 0);
});
