/** qmail-smtpd as a process: the recorded answers of the original. */
import { captureQueue, referenceControls, temporaryHome } from '../support/home.ts';
import { runProgram } from '../support/run-program.ts';
import { type SmtpdCase, sessionView, smtpdRules } from '../support/smtpd-vectors.ts';
import { vectors } from '../support/vectors.ts';

function controlsOf({ control }: Pick<SmtpdCase, 'control'>): Readonly<Record<string, string>> {
  const all = Object.entries({ ...referenceControls, ...control });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
}

async function run(vector: SmtpdCase) {
  const exit = vector.capture_env['CAPTURE_EXIT'];
  const capture = captureQueue(exit === undefined ? {} : { exit: Number(exit) });
  const env = { QMAILHOME: temporaryHome(controlsOf(vector)), QMAILQUEUE: capture.program, ...vector.env };
  const ended = await runProgram({ program: 'qmail-smtpd', env, stdin: vector.stdin });
  return { ...ended, msg_out: capture.message(), env_out: capture.envelope() };
}

for (const file of ['smtpd.json', 'smtpd-queue-exit.json']) {
  vectors<SmtpdCase>({ file, rules: smtpdRules, views: { stdout: sessionView }, run });
}
