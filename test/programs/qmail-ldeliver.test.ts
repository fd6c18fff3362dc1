import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type BodyListener, listenBodies, workerJobFields } from '../../src/spawn/index.ts';
import { type ChannelProgram, channelProgramMissing, startOnChannel } from '../support/channel-program.ts';
import { hubControls, hubHome, hubUser, isRoot } from '../support/hub-home.ts';
import { largeBody, messageBody } from '../support/message-body.ts';
import { asUserMain, runProgram } from '../support/run-program.ts';

const skip = channelProgramMissing;

interface Worker extends ChannelProgram {
  readonly home: string;
  readonly bodies: BodyListener;
  /** Delivers a message to joe@hub.test, whose home is the test's. */
  deliver(text: string, extension?: string): ReturnType<ChannelProgram['link']['ask']>;
}

async function start(context: TestContext, delivery = './Maildir/', controls = hubControls): Promise<Worker> {
  const home = hubHome(controls);
  chmodSync(`${home}/queue`, 0o711);
  const bodies = await listenBodies({ directory: `${home}/queue`, log: () => undefined });
  context.after(() => bodies.close());
  const program = startOnChannel(context, 'qmail-ldeliver', [delivery], { QMAILHOME: home });
  return {
    ...program,
    home,
    bodies,
    deliver(text, extension = '') {
      const { token } = bodies.offer(messageBody(text));
      return program.link.ask(
        workerJobFields({
          token,
          sizeBytes: text.length,
          sender: 's@x',
          user: hubUser().name || 'me',
          home: `${home}/home`,
          local: extension === '' ? 'joe' : `joe-${extension}`,
          domain: 'hub.test',
          dash: extension === '' ? '' : '-',
          extension,
        }),
      );
    },
  };
}

function delivered(home: string): readonly string[] {
  const directory = `${home}/home/Maildir/new`;
  return readdirSync(directory).map((name) => readFileSync(`${directory}/${name}`, 'latin1'));
}

test('it delivers one message after the other, and many at once, and ends with its channel', {
  skip,
}, async (context) => {
  const { deliver, home, link, ended, output } = await start(context);
  strictEqual((await deliver('Subject: one\n\n1\n')).verdict, 'K');
  deepStrictEqual(delivered(home), ['Return-Path: <s@x>\nDelivered-To: joe@hub.test\nSubject: one\n\n1\n']);
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, index) => deliver(`Subject: ${index}\n\n`)),
  );
  strictEqual(
    answers.every(({ verdict }) => verdict === 'K'),
    true,
  );
  strictEqual(delivered(home).length, 31);
  link.close();
  strictEqual(await ended, 0);
  strictEqual(output(), '');
  const [name = ''] = readdirSync(`${home}/home/Maildir/new`);
  strictEqual(statSync(`${home}/home/Maildir/new/${name}`).uid, hubUser().uid);
});

test('what .qmail files say is done', { skip }, async (context) => {
  const { deliver, home } = await start(context);
  writeFileSync(`${home}/home/.qmail-no`, '|echo go away; exit 100\n');
  writeFileSync(`${home}/home/.qmail-later`, '|exit 111\n');
  writeFileSync(`${home}/home/.qmail-id`, `|id -u >'${home}/home/Maildir/tmp/id'\n`);
  const no = await deliver('x\n', 'no');
  strictEqual(no.verdict, 'D');
  match(no.text, /go away/);
  strictEqual((await deliver('x\n', 'later')).verdict, 'Z');
  strictEqual((await deliver('x\n', 'id')).verdict, 'K');
  strictEqual(readFileSync(`${home}/home/Maildir/tmp/id`, 'latin1'), `${hubUser().uid}\n`);
  strictEqual((await deliver('x\n', 'missing')).verdict, 'D');
});

test('a message that cannot be fetched is deferred, and what is no job too', { skip }, async (context) => {
  const { link, home, bodies, deliver } = await start(context);
  const fields = workerJobFields({
    token: '0'.repeat(32),
    sizeBytes: 3,
    sender: 's@x',
    user: 'joe',
    home: `${home}/home`,
    local: 'joe',
    domain: 'hub.test',
    dash: '',
    extension: '',
  });
  const unknown = await link.ask(fields);
  strictEqual(unknown.verdict, 'Z');
  match(unknown.text, /unable to fetch the message from qmail-send/);
  deepStrictEqual(await link.ask(['garbage']), { verdict: 'Z', text: 'this is no delivery (#4.3.0)\n' });
  strictEqual((await deliver('after it\n')).verdict, 'K');
  const large = largeBody(100_000, 100);
  const { token } = bodies.offer(large);
  const answer = await link.ask(fields.with(0, token).with(1, String(large.sizeBytes)));
  strictEqual(answer.verdict, 'K');
});

test('a signal does not end it in the middle of a delivery', { skip }, async (context) => {
  const { deliver, home, child, link, ended } = await start(context);
  writeFileSync(`${home}/home/.qmail-slow`, `|while [ ! -e '${home}/go' ]; do sleep 0.02; done\n`);
  const slow = deliver('x\n', 'slow');
  strictEqual((await deliver('up\n')).verdict, 'K');
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGALRM'] as const) child.kill(signal);
  // Its channel's end does not, either.
  link.close();
  writeFileSync(`${home}/go`, '');
  strictEqual((await slow).verdict, 'K');
  strictEqual(await ended, 0);
});

test('calls that make no sense: 100', async () => {
  for (const args of [[], ['./Maildir/', 'more'], ['--what', 'x']]) {
    const { exit, stderr } = await runProgram({ program: 'qmail-ldeliver', args });
    strictEqual(exit, 100);
    match(stderr, /usage: qmail-ldeliver DEFAULTDELIVERY/);
  }
});

test('root is refused: 100', { skip: !isRoot && 'this is about root' }, async () => {
  const { exit, stderr } = await runProgram({ program: 'qmail-ldeliver', args: ['./Maildir/'] });
  deepStrictEqual([exit, stderr], [100, 'qmail-ldeliver: it does not deliver as root\n']);
});

test('without a channel: 111, and why', async () => {
  const call = { args: ['./Maildir/'], env: { QMAILHOME: hubHome() } };
  const { exit, stderr } = isRoot
    ? await runProgram({
        program: hubUser().name,
        ...call,
        args: ['qmail-ldeliver', './Maildir/'],
        main: asUserMain,
      })
    : await runProgram({ program: 'qmail-ldeliver', ...call });
  strictEqual(exit, 111, stderr);
  match(stderr, /^qmail-ldeliver: fatal: /);
});
