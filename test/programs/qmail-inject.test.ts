/** qmail-inject as a process: the recorded answers of the original, and what they do not cover. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { eachBody } from '../support/bodies.ts';
import { captureQueue, temporaryHome } from '../support/home.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';
import { type NamedCase, vectors } from '../support/vectors.ts';

interface InjectCase extends NamedCase {
  readonly prog: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

interface QueueExitCase extends NamedCase {
  readonly queue_exit: number;
  readonly fd6?: string;
}

const home = temporaryHome();

async function inject(vector: Pick<InjectCase, 'argv' | 'env' | 'stdin'>) {
  const capture = captureQueue();
  const env = { QMAILHOME: home, QMAILQUEUE: capture.program, ...vector.env };
  const { argv: args, stdin } = vector;
  const ended = await runProgram({ program: 'qmail-inject', args, env, stdin, main: satelliteMain });
  return { ...ended, msg_out: capture.message(), env_out: capture.envelope() };
}

vectors<InjectCase>({ file: 'inject-n.json', satellite: true, run: inject });
vectors<InjectCase>({ file: 'inject-queue.json', satellite: true, run: inject });

vectors<QueueExitCase>({
  file: 'qq-exit-mapping.json',
  satellite: true,
  run: async ({ queue_exit: exit, fd6 }) => {
    const capture = captureQueue(fd6 === undefined ? { exit } : { exit, custom: fd6 });
    const env = { QMAILHOME: home, QMAILQUEUE: capture.program, USER: 'joe' };
    const stdin = 'To: a@b.c\n\nhi\n';
    return await runProgram({ program: 'qmail-inject', env, stdin, main: satelliteMain });
  },
});

eachBody('a Message-ID is new for every message, and every message has one', async () => {
  const vector = { argv: [], env: { USER: 'joe' }, stdin: 'To: a@b.c\n\nhi\n' };
  const messages = await Promise.all([inject(vector), inject(vector)]);
  const identifiers = messages.map(({ msg_out }) => msg_out?.split('\n')[1] ?? '');
  for (const identifier of identifiers) match(identifier, /^Message-ID: <\d{14}\.\d+\.qmail@ref\.test>$/);
  strictEqual(new Set(identifiers).size, 2);
});

eachBody('of contradicting options the last one counts', async () => {
  const vector = { env: { USER: 'joe' }, stdin: 'To: a@b.c\n\n' };
  strictEqual(
    (await inject({ ...vector, argv: ['-aH', 'x@y.z'] })).env_out,
    'Fjoe@ref.test\0Tx@y.z\0Ta@b.c\0\0',
  );
  strictEqual((await inject({ ...vector, argv: ['-nN', '-fx@y', '-fs@x.y'] })).env_out, 'Fs@x.y\0Ta@b.c\0\0');
});

eachBody('what is malformed is refused with 100, and what may work later with 111', async () => {
  const vector = { argv: [], env: {}, stdin: 'From: "a\n' };
  deepStrictEqual([(await inject(vector)).exit, (await inject(vector)).msg_out], [100, null]);
  const nul = await inject({ ...vector, stdin: 'To: a\0b@c.d\n' });
  deepStrictEqual([nul.exit, nul.msg_out], [100, null]);
  match(nul.stderr, /^qmail-inject: fatal: .*\(#5\.1\.3\)\n$/);
  const unreadable = await inject({ ...vector, env: { QMAILHOME: home, QMAILMFTFILE: home } });
  strictEqual(unreadable.exit, 111);
});

eachBody('control/me may be missing: each name then stands for itself', async () => {
  const { stdout } = await inject({
    argv: ['-n'],
    env: { QMAILHOME: '/nonexistent', USER: 'joe' },
    stdin: 'To: a\n',
  });
  ok(
    stdout.endsWith('@idhost>\nFrom: joe@defaulthost.defaultdomain\nTo: a@defaulthost.defaultdomain\n'),
    stdout,
  );
});

eachBody('a long body streams through, whatever its lines', async () => {
  const body = '.\n\0\xff'.repeat(300_000);
  const { exit, msg_out } = await inject({ argv: [], env: {}, stdin: `To: a@b.c\n\n${body}` });
  strictEqual(exit, 0);
  ok(msg_out?.endsWith(`To: a@b.c\n\n${body}\n`));
});
