import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { deliverLocally, type LocalJob, type LocalMeans } from '../../src/local/index.ts';
import type { Envelope } from '../../src/mail/index.ts';
import type { Queue } from '../../src/submit/index.ts';
import { textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { brokenBody, messageBody } from '../support/message-body.ts';

function temporaryUser(): string {
  const home = temporaryDirectory();
  for (const name of ['', '/tmp', '/new', '/cur']) mkdirSync(`${home}/Maildir${name}`);
  return home;
}

function deliver(job: Partial<LocalJob> & Pick<LocalJob, 'home'>, means: Partial<LocalMeans> = {}) {
  const whole = {
    user: 'joe',
    local: 'joe',
    dash: '',
    extension: '',
    domain: 'ref.test',
    body: messageBody('Subject: x\n\nbody\n'),
    sender: 's@x.y',
    delivery: './Maildir/',
    nowMs: Date.UTC(2026, 10, 5, 8, 44, 38),
    ...job,
  };
  return deliverLocally(whole, { system: nodeSystem([]), queue: queueInto([]), ...means });
}

interface Taken extends Envelope {
  readonly message: string;
}

/** A queue that takes everything. */
function queueInto(taken: Taken[]): Queue {
  return async (_system, message, envelope) => {
    taken.push({ ...envelope, message: [...message.chunks()].map((piece) => textOf(piece)).join('') });
    return { exitCode: 0, answer: { verdict: 'K', text: 'ok 1794214478 qp 7' } };
  };
}

function inMaildir(home: string): readonly string[] {
  const names = readdirSync(`${home}/Maildir/new`);
  return names.map((name) => readFileSync(`${home}/Maildir/new/${name}`, 'latin1'));
}

const head = 'Return-Path: <s@x.y>\nDelivered-To: joe@ref.test\n';

test('the default delivery: a Maildir', async () => {
  const home = temporaryUser();
  assert.deepEqual(await deliver({ home }), { verdict: 'K', text: 'did 1+0+0\n' });
  assert.deepEqual(inMaildir(home), [`${head}Subject: x\n\nbody\n`]);
});

test('several lines are carried out in order, with an absolute path and a relative home too', async () => {
  const home = temporaryUser();
  const other = temporaryUser();
  const relative = `../../../../../../../../../../../..${home}`;
  const delivery = `./Mailbox\n# and\n\n${other}/Maildir/\n./Maildir/ `;
  const answer = await deliver({ home: relative, delivery });
  assert.deepEqual(answer, { verdict: 'K', text: 'did 3+0+0\n' });
  assert.equal(
    readFileSync(`${home}/Mailbox`, 'latin1'),
    `From s@x.y Thu Nov 05 08:44:38 2026\n${head}Subject: x\n\nbody\n\n`,
  );
  assert.equal(inMaildir(home).length, 1);
  assert.equal(inMaildir(other).length, 1);
});

test('only comments: delivered to nobody, as asked', async () => {
  assert.deepEqual(await deliver({ home: temporaryUser(), delivery: '# nowhere\n' }), {
    verdict: 'K',
    text: 'did 0+0+0\n',
  });
});

test('the first failure ends it', async () => {
  const home = temporaryUser();
  const answer = await deliver({ home, delivery: './Maildir/\n./Missing/\n./Mailbox\n' });
  assert.match(answer.text, /\.\/Missing\/.*\(#4\.2\.1\)\n$/);
  assert.equal(inMaildir(home).length, 1);
  assert.equal(readdirSync(home).includes('Mailbox'), false);
});

test('a mistake anywhere defers before anything is done', async () => {
  const home = temporaryUser();
  for (const delivery of ['', './Maildir/\n./Mailbox\n+list\n./x\n', '\n./Maildir/\n']) {
    const answer = await deliver({ home, delivery });
    assert.equal(answer.verdict, 'Z', delivery);
    assert.match(answer.text, /\(#4\.\d\.\d\)\n$/);
  }
  assert.deepEqual(inMaildir(home), []);
});

test('a user’s instructions count, and an empty file asks for the default delivery', async () => {
  const home = temporaryUser();
  writeFileSync(`${home}/.qmail`, '# nobody\n');
  assert.deepEqual(await deliver({ home }), { verdict: 'K', text: 'did 0+0+0\n' });
  assert.deepEqual(inMaildir(home), []);
  writeFileSync(`${home}/.qmail`, '', { mode: 0o744 });
  chmodSync(`${home}/.qmail`, 0o744);
  assert.equal((await deliver({ home })).text, 'did 1+0+0\n');
});

test('programs and forwards: files first to last, forwards together at the end', async () => {
  const home = temporaryUser();
  writeFileSync(
    `${home}/.qmail`,
    'a@b.c\n|cat >copy; echo printed\n./Mailbox\n&d@e.f\n|cmp - copy && echo "$SENDER $DEFAULT"\n',
  );
  const taken: Taken[] = [];
  const answer = await deliver({ home }, { queue: queueInto(taken) });
  assert.deepEqual(answer, { verdict: 'K', text: 'printed\ns@x.y \ndid 1+2+2\nqp 7\n' });
  assert.equal(readFileSync(`${home}/copy`, 'latin1'), 'Subject: x\n\nbody\n');
  assert.deepEqual(taken, [
    {
      sender: 's@x.y',
      recipients: ['a@b.c', 'd@e.f'],
      message: 'Delivered-To: joe@ref.test\nSubject: x\n\nbody\n',
    },
  ]);
});

test('many at the same time, each with its own environment and input', async () => {
  const home = temporaryUser();
  writeFileSync(`${home}/.qmail`, '|read -r line; echo "$line $LOCAL $(pwd)"\n');
  const numbers = Array.from({ length: 20 }, (_, index) => index);
  const answers = await Promise.all(
    numbers.map((number) =>
      deliver({ home, local: `joe${number}`, body: messageBody(`number ${number}\n`) }),
    ),
  );
  assert.deepEqual(
    answers.map(({ text }) => text),
    numbers.map((number) => `number ${number} joe${number} ${realpathSync(home)}\ndid 0+0+1\n`),
  );
});

test('an extension needs a file of its own', async () => {
  const home = temporaryUser();
  const answer = await deliver({ home, dash: '-', extension: 'list' });
  assert.equal(answer.verdict, 'D');
  assert.match(answer.text, /\(#5\.1\.1\)\n$/);
  writeFileSync(`${home}/.qmail-default`, './Missing/\n');
  assert.equal((await deliver({ home, dash: '-', extension: 'list' })).verdict, 'Z');
  writeFileSync(`${home}/.qmail-list`, '');
  assert.equal((await deliver({ home, dash: '-', extension: 'list' })).verdict, 'K');
});

test('a message that already has our Delivered-To line is looping', async () => {
  const home = temporaryUser();
  const looping = messageBody('Received: x\nDelivered-To: joe@ref.test\n\nbody\n', [3]);
  const answer = await deliver({ home, body: looping });
  assert.equal(answer.verdict, 'D');
  assert.match(answer.text, /\(#5\.4\.6\)\n$/);
  assert.equal((await deliver({ home, body: looping, local: 'jim' })).verdict, 'K');
  assert.equal((await deliver({ home, body: messageBody('\nDelivered-To: joe@ref.test\n') })).verdict, 'K');
});

test('a message that cannot be read defers, in its header and after it', async () => {
  const home = temporaryUser();
  for (const body of [brokenBody('Subject: x\n', 100), brokenBody('Subject: x\n\nbody', 100)]) {
    const answer = await deliver({ home, body });
    assert.equal(answer.verdict, 'Z');
    assert.match(answer.text, /the store has lost the rest.*\(#4\.3\.0\)\n$/);
  }
  assert.deepEqual(inMaildir(home), []);
});

test('the pieces make no difference, and a piece that is the whole is asked for once', async () => {
  const text = `Subject: x\n\n${'line\n'.repeat(100)}`;
  for (const sizes of [[], [1], [0, 7], [12], [11, 1]]) {
    const home = temporaryUser();
    const body = messageBody(text, sizes);
    let asked = 0;
    const chunks = () => {
      asked += 1;
      return body.chunks();
    };
    assert.equal((await deliver({ home, body: { ...body, chunks } })).verdict, 'K');
    assert.deepEqual(inMaildir(home), [head + text]);
    assert.equal(asked, sizes.length === 0 ? 1 : 2);
  }
});

test('an unsafe home defers', async () => {
  const home = temporaryUser();
  chmodSync(home, 0o1755);
  assert.match((await deliver({ home })).text, /\(#4\.2\.1\)\n$/);
  chmodSync(home, 0o757);
  assert.match((await deliver({ home })).text, /\(#4\.7\.0\)\n$/);
  chmodSync(home, 0o755);
  assert.equal((await deliver({ home })).verdict, 'K');
  assert.match((await deliver({ home: `${home}/missing` })).text, /\(#4\.3\.0\)\n$/);
});
