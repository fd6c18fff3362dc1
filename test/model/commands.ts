/** What may happen to a queue manager, as fast-check's commands. */
import fc from 'fast-check';
import type { Order } from '../../src/queue/index.ts';
import type { Verdict } from '../../src/system/index.ts';
import type { Submission } from './contract.ts';
import type { Play } from './play.ts';

/** What the commands of one run share besides the play. */
export interface Told {
  submissions: Submission[];
}

type Command = fc.AsyncCommand<Told, Play>;

function command(text: string, run: (told: Told, play: Play) => Promise<void>): Command {
  return { check: () => true, run, toString: () => text };
}

function pick<Value>(values: readonly Value[], which: number): Value | undefined {
  return values[which % Math.max(values.length, 1)];
}

interface Shape {
  readonly host: string;
  readonly sender: 'plain' | 'null' | 'verp' | 'remote';
  readonly recipients: readonly string[];
  readonly isRemembered: boolean;
  readonly isLarge: boolean;
}

const someShape: fc.Arbitrary<Shape> = fc.record({
  host: fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3'),
  sender: fc.constantFrom('plain', 'plain', 'null', 'verp', 'remote'),
  recipients: fc.array(fc.constantFrom('local', 'local', 'one.test', 'two.test'), {
    minLength: 1,
    maxLength: 5,
  }),
  isRemembered: fc.boolean(),
  isLarge: fc.integer({ min: 0, max: 15 }).map((value) => value === 0),
});

/** A body that goes over more than one chunk. */
const largeBytes = 70_000;

function submissionOf(
  { host, sender, recipients, isRemembered, isLarge }: Shape,
  number: number,
): Submission {
  const tag = `m${number}`;
  const senders = { plain: `${tag}@local`, null: '', verp: `${tag}-@local-@[]`, remote: `${tag}@one.test` };
  return {
    tag,
    host,
    sender: senders[sender],
    recipients: recipients.map((domain, index) => `r${number}.${index}@${domain}`),
    text: `${isRemembered ? `Message-ID: <${tag}@client.test>` : `Subject: ${tag}`}\n\n${'x'.repeat(isLarge ? largeBytes : 5)}\n`,
    isRemembered,
  };
}

const which = fc.nat({ max: 30 });
const verdict = fc.constantFrom<Verdict>('K', 'K', 'Z', 'D');
const orders: readonly Order[] = ['retry', 'hold', 'release', 'delete', 'fail'];

const submit = fc.tuple(someShape, fc.integer({ min: 1, max: 2 })).map(([shape, times]) =>
  command(`submit ${JSON.stringify(shape)} ${times} times`, async (told, play) => {
    const submission = submissionOf(shape, told.submissions.length);
    told.submissions.push(submission);
    await play.submit(Array.from({ length: times }, () => submission));
  }),
);

const submitAgain = which.map((index) =>
  command(`submit ${index} again`, async ({ submissions }, play) => {
    const submission = pick(submissions, index);
    if (submission !== undefined) await play.submit([submission]);
  }),
);

const answer = fc.tuple(which, verdict).map(([index, said]) =>
  command(`answer ${index} ${said}`, async (_, play) => {
    const delivery = pick(play.deliveries, index);
    if (delivery === undefined) return;
    // What becomes of a deletion after a failure depends on what of the message is recorded.
    const { ordered } = play.recipientOf(delivery);
    await play.answer(delivery, ordered === 'delete' && play.isTroubled ? 'K' : said);
  }),
);

const answerAll = verdict.map((said) =>
  command(`answer all ${said}`, async (_, play) => {
    for (let count = play.deliveries.length; count > 0 && play.deliveries[0] !== undefined; count -= 1) {
      const [delivery] = play.deliveries;
      await play.answer(delivery, play.isTroubled ? 'K' : said);
    }
  }),
);

const advance = fc
  .constantFrom(1000, 30_000, 120_000, 600_000, 3_600_000)
  .map((ms) => command(`advance ${ms}`, (_, play) => play.advance(ms)));

const steer = fc.tuple(which, fc.constantFrom(...orders)).map(([index, order]) =>
  command(`${order} ${index}`, async (_, play) => {
    const recipient = pick(play.certain(), index);
    if (recipient !== undefined && !play.isTroubled) await play.steer(recipient, order);
  }),
);

const someVerdicts = fc.array(verdict, { minLength: 1, maxLength: 3 });
const restart = fc.tuple(someVerdicts, fc.array(someShape, { maxLength: 2 })).map(([verdicts, shapes]) =>
  command(`restart ${verdicts} ${JSON.stringify(shapes)}`, async (told, play) => {
    if (play.isTroubled) return;
    const early = shapes.map((shape, index) => submissionOf(shape, told.submissions.length + index));
    told.submissions.push(...early);
    await play.restart(verdicts, early);
  }),
);

const crashIn = fc
  .tuple(fc.nat({ max: 5 }), fc.constantFrom('before' as const, 'after' as const))
  .map(([transactions, when]) =>
    command(`crash ${when} transaction ${transactions}`, async (_, play) => play.crashIn(transactions, when)),
  );

const refuse = fc
  .integer({ min: 1, max: 6 })
  .map((count) => command(`refuse ${count}`, async (_, play) => play.refuse(count)));

const simple = (name: 'retryNow' | 'forget' | 'compact' | 'crash') =>
  fc.constant(command(name, (_, play) => play[name]()));

function often<Value>(arbitrary: fc.Arbitrary<Value>, times: number): readonly fc.Arbitrary<Value>[] {
  return Array.from({ length: times }, () => arbitrary);
}

/** fast-check takes each of these equally often. */
export const someCommands: readonly fc.Arbitrary<Command>[] = [
  ...often(submit, 5),
  ...often(submitAgain, 2),
  ...often(answer, 8),
  ...often(answerAll, 2),
  ...often(advance, 4),
  ...often(steer, 5),
  ...often(crashIn, 2),
  refuse,
  restart,
  simple('retryNow'),
  simple('crash'),
  simple('forget'),
  simple('compact'),
];
