import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { referenceControls, temporaryHome } from '../support/home.ts';
import { type RemoteCase, remoteRules, repliesOf, startScriptedServer } from '../support/remote-vectors.ts';
import { runProgram } from '../support/run-program.ts';
import { startSmtpServer } from '../support/smtp-server.ts';
import { enhancedCodes } from '../support/vector-pattern.ts';
import { vectors } from '../support/vectors.ts';

/** Letters and enhanced codes of the records; the words are ours. */
function records(stdout: unknown): unknown {
  return String(stdout)
    .split('\0')
    .map((record) => [record[0], enhancedCodes(record), record.split('Remote host said: ')[1]]);
}

async function run(args: readonly string[], stdin: string, controls: Readonly<Record<string, string>>) {
  const home = temporaryHome({ ...referenceControls, ...controls });
  return await runProgram({ program: 'qmail-remote', args, stdin, env: { QMAILHOME: home } });
}

vectors<RemoteCase>({
  file: 'remote.json',
  async run(vector) {
    const smtproutes = vector.smtproutes ?? ':127.0.0.33:9';
    const [, host = '', port = ''] = smtproutes.split(':');
    const replies = repliesOf(vector);
    const server = replies.length === 0 ? undefined : await startScriptedServer(replies, host, Number(port));
    const { exit, stdout, stderr } = await run(vector.argv, vector.stdin, { smtproutes: `${smtproutes}\n` });
    await server?.close();
    return { exit, stdout, stderr, ...(server === undefined ? {} : { client_sent: server.sent() }) };
  },
  views: { stdout: records },
  rules: remoteRules,
  concurrency: 1,
});

test('several recipients, each with its record', async (context) => {
  const server = await startSmtpServer(context, {
    answer: (command) => (command.includes('<no') ? '550 no\r\n' : undefined),
  });
  const args = ['far.test', '', 'a@far.test', 'no@far.test', 'b@far.test'];
  const { stdout } = await run(args, 'Subject: x\n', { smtproutes: `:127.0.0.1:${server.port}\n` });
  match(
    stdout,
    /^r\0h127\.0\.0\.1 does not like recipient\.\nRemote host said: 550 no\n\0r\0K127\.0\.0\.1 accepted/,
  );
  deepStrictEqual(server.messages, ['Subject: x\r\n']);
  strictEqual(server.commands[1], 'MAIL FROM:<> SIZE=12');
});

test('what goes wrong here is Z, and what was asked wrongly D, always with exit code 0', async () => {
  for (const args of [[], ['host'], ['host', 'sender'], ['--what', 'a', 'b', 'c']]) {
    const { exit, stdout } = await run(args, '', {});
    deepStrictEqual([exit, stdout.slice(0, 1), enhancedCodes(stdout)], [0, 'D', ['(#5.3.5)']]);
  }
  const bad = await run(['h', 's@x', 'r@h'], '', { smtproutes: ':a:b\n' });
  deepStrictEqual([bad.exit, bad.stdout[0]], [0, 'Z']);
  match(bad.stdout, /control\/smtproutes: :a:b/);
  const home = temporaryHome();
  rmSync(`${home}/control/me`);
  const nameless = await runProgram({
    program: 'qmail-remote',
    args: ['h', 's@x', 'r@h'],
    stdin: '',
    env: { QMAILHOME: home },
  });
  match(nameless.stdout, /^Z.*control\/me is missing/);
});
