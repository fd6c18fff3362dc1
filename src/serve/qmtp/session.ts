/**
 * The server's side of one QMTP connection, without its socket and its clock. Each recipient of a request is answered, in
 * order; K is never said before the message was taken. While the queue makes up its mind, the next request is read, and
 * answers go out in the order of the requests.
 */

import type { Submission } from '../../../qmqp/index.ts';
import { formatNetstring } from '../../../qmqp/index.ts';
import { createGate } from '../../process/index.ts';
import { createQmtpParser, type QmtpProblem } from '../../qmtp/index.ts';
import { type Answer, type ByteString, bytesOf, errorText, printable } from '../../system/index.ts';
import { createHopCounter, type HopCounter } from '../smtp/hop-counter.ts';
import { parserLimits, type QmtpSessionLimits } from './limits.ts';

export interface QmtpSessionOptions {
  readonly limits: QmtpSessionLimits;
  /** The address that a recipient stands for, or why it is refused. What it throws refuses the recipient for now. */
  recipient(address: ByteString): QmtpJudgement;
  /** Whether mail from this address is not wanted. */
  isBadSender?(address: ByteString): boolean;
  /** Whether there is such a recipient here; asked of those that were not refused, when the message is whole. */
  readonly isKnown?: ((address: ByteString) => Promise<boolean>) | undefined;
  /** Called when a message begins. What it throws refuses it for now. */
  begin(): Submission;
  /** Sends replies. A promise, which never rejects, asks to wait for it. */
  send(bytes: Uint8Array): Promise<void> | undefined;
  /** One request was answered: for the log. */
  onReply?(answers: readonly Answer[]): void;
  /** Called once, when the last reply is on its way. */
  onEnd(ending: QmtpEnding): void;
}

export type QmtpJudgement =
  | { readonly ok: true; readonly address: ByteString }
  | { readonly ok: false; readonly answer: Answer };

/** `closed`: the client has nothing more to send. */
export type QmtpEnding = 'closed' | 'refused' | QmtpProblem;

export interface QmtpSession {
  /** Takes the next bytes. A promise, which never rejects, asks the caller to wait for it before it feeds more. */
  feed(bytes: Uint8Array): Promise<void> | undefined;
  /** The client will send nothing more. */
  end(): void;
  /** Reads nothing more, and forgets what is incomplete. What is whole is answered. */
  stop(): void;
  /** Whether something has begun that is not answered. */
  readonly busy: boolean;
  /** Whether answers are waited for: the client is not to blame for the silence. */
  readonly waiting: boolean;
}

const badSender: Answer = { verdict: 'D', text: 'unacceptable sender (#5.1.7)' };
const unwantedSender: Answer = {
  verdict: 'D',
  text: 'sorry, your envelope sender is in my badmailfrom list (#5.7.1)',
};
const looping: Answer = { verdict: 'D', text: 'too many hops, this message is looping (#5.4.6)' };
const badRecipient: Answer = { verdict: 'D', text: "sorry, I can't handle that recipient (#5.1.3)" };
const tooLarge: Answer = {
  verdict: 'D',
  text: 'sorry, that message size exceeds my databytes limit (#5.3.4)',
};

const noSuchRecipient: Answer = { verdict: 'D', text: 'sorry, no mailbox here by that name (#5.1.1)' };

const tooManyUnknown: Answer = { verdict: 'Z', text: 'too many recipients that nobody here has (#4.7.1)' };

/** What a submission throws, such as a full disk, is temporary. */
function failure(error: unknown): Answer {
  return { verdict: 'Z', text: `unable to take the message (#4.3.0): ${printable(errorText(error))}` };
}

/** One request on its way in. */
interface Request {
  submission: Submission | undefined;
  /** Why the message is not taken, whoever it is for. */
  refusal: Answer | undefined;
  messageBytes: number;
  readonly hops: HopCounter;
  sender: ByteString;
  /** Each recipient's own answer; undefined for those whose answer is the message's. */
  readonly answers: (Answer | undefined)[];
  readonly recipients: ByteString[];
}

export function createQmtpSession(options: QmtpSessionOptions): QmtpSession {
  const { limits } = options;
  let request: Request | undefined;
  let pending = 0;
  /** Fulfilled when everything that is whole was answered. */
  let answered: Promise<void> = Promise.resolve();
  /** The queue or the client is behind. */
  let wait: Promise<void> | undefined;
  /** Recipients that nobody here has, since the last message that was taken. */
  let unknown = 0;
  /** The recipients of one message after the other are looked for. */
  const turn = createGate(1);
  let over = false;

  function refuse(current: Request, answer: Answer): void {
    if (current.refusal !== undefined) return;
    current.refusal = answer;
    current.submission?.abandon();
    current.submission = undefined;
  }

  function write(current: Request, bytes: Uint8Array): void {
    current.messageBytes += bytes.length;
    if (current.messageBytes > limits.messageBytesMax) refuse(current, tooLarge);
    current.hops.feed(bytes);
    if (current.hops.hops >= limits.hopsMax) refuse(current, looping);
    try {
      wait = current.submission?.message(bytes)?.catch((error: unknown) => refuse(current, failure(error)));
    } catch (error) {
      refuse(current, failure(error));
    }
  }

  function judge(address: ByteString | undefined): QmtpJudgement {
    if (address === undefined) return { ok: false, answer: badRecipient };
    try {
      return options.recipient(address);
    } catch (error) {
      return { ok: false, answer: failure(error) };
    }
  }

  function addRecipient(current: Request, address: ByteString | undefined): void {
    const judgement = judge(address);
    current.answers.push(judgement.ok ? undefined : judgement.answer);
    if (judgement.ok) current.recipients.push(judgement.address);
  }

  const parser = createQmtpParser(parserLimits(limits), {
    begin() {
      const current: Request = {
        submission: undefined,
        refusal: undefined,
        messageBytes: 0,
        hops: createHopCounter(),
        sender: '',
        answers: [],
        recipients: [],
      };
      request = current;
      try {
        current.submission = options.begin();
      } catch (error) {
        refuse(current, failure(error));
      }
    },
    message(bytes) {
      if (request !== undefined) write(request, bytes);
    },
    sender(address) {
      if (request === undefined) return;
      if (address === undefined) refuse(request, badSender);
      else if (options.isBadSender?.(address) === true) refuse(request, unwantedSender);
      else request.sender = address;
    },
    recipient(address) {
      if (request !== undefined) addRecipient(request, address);
    },
  });

  /** Those whom there is a mailbox for; the others are answered. Who names too many that are not here learns no more. */
  async function findRecipients(
    { answers, recipients }: Request,
    isKnown: (address: ByteString) => Promise<boolean>,
  ): Promise<readonly ByteString[]> {
    const places = [...answers.keys()].filter((place) => answers[place] === undefined);
    const known: ByteString[] = [];
    for (let from = 0; from < recipients.length; from += limits.askedTogetherMax) {
      const group = recipients.slice(from, from + limits.askedTogetherMax);
      const isOver = unknown > limits.unknownMax;
      const found = isOver ? [] : await Promise.all(group.map(isKnown));
      for (const [index, address] of group.entries()) {
        if (found[index] === true) {
          known.push(address);
          continue;
        }
        if (!isOver) unknown += 1;
        answers[places[from + index] ?? answers.length] = isOver ? tooManyUnknown : noSuchRecipient;
      }
    }
    return known;
  }

  async function deliver(submission: Submission, current: Request): Promise<Answer> {
    const { isKnown } = options;
    const recipients =
      isKnown === undefined ? current.recipients : await turn(() => findRecipients(current, isKnown));
    const isTooMany = unknown > limits.unknownMax;
    if (isTooMany) finish('refused');
    if (recipients.length === 0) {
      submission.abandon();
      return badRecipient;
    }
    const answer = await submission.complete({ sender: current.sender, recipients });
    if (answer.verdict === 'K' && !isTooMany) unknown = 0;
    return answer;
  }

  async function settle(current: Request): Promise<Answer> {
    const { submission, refusal } = current;
    if (refusal !== undefined || submission === undefined) return refusal ?? badRecipient;
    try {
      return await deliver(submission, current);
    } catch (error) {
      return failure(error);
    }
  }

  /** Sends a request's replies when those before it are out. */
  function reply(current: Request, before: Promise<void>, settled: Promise<Answer>): Promise<void> {
    return before.then(async () => {
      const whole = await settled;
      const answers = current.answers.map(
        (own) => (current.refusal === badSender ? badSender : own) ?? whole,
      );
      options.onReply?.(answers);
      const texts = answers.map(({ verdict, text }) => formatNetstring(verdict + text));
      await options.send(bytesOf(texts.join('')));
      pending -= 1;
    });
  }

  /** Answers how many recipients the request has. */
  function complete(): number {
    const current = request;
    request = undefined;
    if (current === undefined) throw new Error('a request is whole before it began');
    pending += 1;
    const written = wait;
    const settled = written === undefined ? settle(current) : written.then(() => settle(current));
    answered = reply(current, answered, settled);
    return current.answers.length;
  }

  function finish(ending: QmtpEnding): void {
    if (over) return;
    over = true;
    request?.submission?.abandon();
    request = undefined;
    answered.then(() => options.onEnd(ending));
  }

  /** Takes bytes[from...]. */
  function take(bytes: Uint8Array, from: number): Promise<void> | undefined {
    let index = from;
    while (index < bytes.length && !over) {
      wait = undefined;
      const state = parser.feed(bytes, index);
      if (state.state === 'more') return wait;
      if (state.state === 'failed') {
        finish(state.problem);
        return answered;
      }
      const recipients = complete();
      index = state.end;
      if (pending >= limits.pendingMax || recipients > limits.pendingRecipientsMax)
        return answered.then(() => take(bytes, index));
    }
    return undefined;
  }

  return {
    feed: (bytes) => (over ? undefined : take(bytes, 0)),
    end: () => finish('closed'),
    stop: () => finish('refused'),
    get busy() {
      return pending > 0 || !parser.between;
    },
    get waiting() {
      return pending > 0;
    },
  };
}
