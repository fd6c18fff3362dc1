/**
 * One message in an SMTP conversation (RFC 5321 3.3): MAIL, a RCPT for each recipient, DATA, the message. Where the server
 * takes several commands at once (RFC 2920), it gets them together. As long as the end of the message has not been sent,
 * nothing is in doubt: a connection that breaks until then has decided nothing.
 */
import type { Answer, ByteString, Verdict } from '../../system/index.ts';
import type { Delivered } from '../transport.ts';
import type { Capabilities } from './capabilities.ts';
import { canBeSaid, mailCommand, needsUtf8, recipientCommand } from './command.ts';
import { ask, BrokenOff, type Conversation, hear } from './conversation.ts';
import type { Reply } from './reply-reader.ts';
import { remoteSaid, verdictOf } from './texts.ts';

export interface TransactOptions {
  readonly sender: ByteString;
  readonly recipients: readonly ByteString[];
  /** Bytes of the message as it is sent, without the dots of DATA. */
  readonly sizeBytes: number;
  /** Whether bytes over 127 are in it. */
  readonly eightBit: boolean;
  readonly capabilities: Capabilities;
  /** How reports call the server. */
  readonly peer: ByteString;
  /** Whether an earlier message was broken off before its end. */
  readonly reset: boolean;
}

export interface Transacted extends Delivered {
  /** What the connection is good for: another message, another one after RSET, nothing. */
  readonly after: 'ready' | 'reset' | 'over';
}

/** The server closes the connection (RFC 5321 3.8). */
const goingAway = 421;

/** To a recipient: its mailbox is full or, of old, there were too many recipients before it (RFC 5321 4.5.3.1.10). */
const tooMuch = 552;

interface Envelope {
  readonly mail: ByteString;
  readonly recipients: readonly ByteString[];
}

/** Why all of it cannot be sent here, known before anything is said. */
function refusedBeforehand(options: TransactOptions): Answer | undefined {
  const { sender, sizeBytes, capabilities, peer } = options;
  const { sizeBytesMax = 0 } = capabilities;
  if (sizeBytesMax > 0 && sizeBytes > sizeBytesMax) {
    const text = `${peer} takes messages of up to ${sizeBytesMax} bytes, and this one has ${sizeBytes}. (#5.3.4)\n`;
    return { verdict: 'D', text };
  }
  const unsayable = refusedAddress(sender, options);
  if (unsayable === undefined) return undefined;
  return { verdict: 'D', text: `The sender cannot be told: ${unsayable}` };
}

/** Why an address cannot be said to this server. */
function refusedAddress(
  address: ByteString,
  { capabilities, peer }: TransactOptions,
): ByteString | undefined {
  if (!canBeSaid(address)) return 'SMTP cannot carry this address. (#5.1.3)\n';
  const isUnknown = needsUtf8(address) && !capabilities.smtpUtf8;
  return isUnknown ? `${peer} takes no addresses beyond ASCII. (#5.6.7)\n` : undefined;
}

function envelopeOf(options: TransactOptions, recipients: readonly ByteString[]): Envelope {
  const { sender, sizeBytes, eightBit, capabilities } = options;
  return {
    mail: mailCommand(sender, {
      sizeBytes: capabilities.sizeBytesMax === undefined ? undefined : sizeBytes,
      eightBit: eightBit && capabilities.eightBitMime,
      utf8: [sender, ...recipients].some(needsUtf8),
    }),
    recipients: recipients.map(recipientCommand),
  };
}

/** What the server said to the envelope. */
interface Heard {
  readonly mail: Reply;
  readonly recipients: readonly Reply[];
  /** Undefined when DATA was not said. */
  readonly data: Reply | undefined;
}

function* hearOn(): Conversation<Reply> {
  const reply = yield* hear();
  if (reply.code === goingAway) throw new BrokenOff(remoteSaid(reply));
  return reply;
}

function* sayTogether({ mail, recipients }: Envelope, reset: boolean): Conversation<Heard> {
  const commands = [...(reset ? ['RSET'] : []), mail, ...recipients, 'DATA'];
  yield { step: 'say', text: `${commands.join('\r\n')}\r\n`, replies: commands.length };
  if (reset) yield* hearOn();
  const toMail = yield* hearOn();
  const toRecipients: Reply[] = [];
  for (let index = 0; index < recipients.length; index += 1) toRecipients.push(yield* hearOn());
  return { mail: toMail, recipients: toRecipients, data: yield* hearOn() };
}

function* askOn(command: ByteString): Conversation<Reply> {
  const reply = yield* ask(command);
  if (reply.code === goingAway) throw new BrokenOff(remoteSaid(reply));
  return reply;
}

function* sayOneByOne({ mail, recipients }: Envelope, reset: boolean): Conversation<Heard> {
  if (reset) yield* askOn('RSET');
  const toMail = yield* askOn(mail);
  const toRecipients: Reply[] = [];
  if (verdictOf(toMail, 2) === 'K') {
    for (const recipient of recipients) toRecipients.push(yield* askOn(recipient));
  }
  const accepted = toRecipients.some((reply) => verdictOf(reply, 2) === 'K');
  return { mail: toMail, recipients: toRecipients, data: accepted ? yield* askOn('DATA') : undefined };
}

function recipientAnswer(peer: ByteString, reply: Reply, isBehindAccepted: boolean): Answer {
  const verdict = verdictOf(reply, 2);
  if (verdict === 'K') return { verdict, text: '' };
  const text = `${peer} does not like recipient.\n${remoteSaid(reply)}`;
  // A mailbox that is full says so again when its recipient comes first.
  return { verdict: reply.code === tooMuch && isBehindAccepted ? 'Z' : verdict, text };
}

/** `refusals`: of each recipient, why it was not said. `replies`: those to the others, in order. */
function recipientAnswers(
  peer: ByteString,
  refusals: readonly (ByteString | undefined)[],
  replies: readonly Reply[],
): readonly Answer[] {
  const left = replies.values();
  let accepted = false;
  return refusals.map((refusal) => {
    if (refusal !== undefined) return { verdict: 'D', text: `Sorry, ${refusal}` };
    const answer = recipientAnswer(peer, left.next().value ?? { code: 400, text: '' }, accepted);
    accepted ||= answer.verdict === 'K';
    return answer;
  });
}

const endings: Readonly<Record<Verdict, string>> = {
  K: 'accepted message',
  Z: 'failed after I sent the message',
  D: 'failed after I sent the message',
};

/** Until the message goes out: what was decided, or undefined when the server waits for it. */
function* openEnvelope(options: TransactOptions): Conversation<Transacted | readonly Answer[]> {
  const { peer, capabilities, reset } = options;
  const refusals = options.recipients.map((recipient) => refusedAddress(recipient, options));
  const sayable = options.recipients.filter((_, index) => refusals[index] === undefined);
  const say = capabilities.pipelining ? sayTogether : sayOneByOne;
  const nobody: Heard = { mail: { code: 250, text: '' }, recipients: [], data: undefined };
  const { mail, recipients, data } =
    sayable.length === 0 ? nobody : yield* say(envelopeOf(options, sayable), reset);
  const mailVerdict = verdictOf(mail, 2);
  const answers = mailVerdict === 'K' ? recipientAnswers(peer, refusals, recipients) : [];
  const isWanted = answers.some(({ verdict }) => verdict === 'K');
  if (data !== undefined && verdictOf(data, 3) === 'K') {
    if (isWanted) return answers;
    // It waits for a message that nobody wants (RFC 2920 3.1): it gets an empty one, and may say to that what it likes.
    yield { step: 'say', text: '.\r\n', replies: 1 };
    yield* hearOn();
  }
  const over = (message: Answer, after: Transacted['after'] = 'reset'): Transacted => ({
    recipients: answers,
    message,
    undecided: false,
    after,
  });
  if (mailVerdict !== 'K') {
    const text = `Connected to ${peer} but sender was rejected.\n${remoteSaid(mail)}`;
    return over({ verdict: mailVerdict, text });
  }
  if (!isWanted || data === undefined) return over({ verdict: 'D', text: `Giving up on ${peer}.\n` });
  const verdict = verdictOf(data, 3) === 'D' ? 'D' : 'Z';
  return over({ verdict, text: `${peer} failed on DATA command.\n${remoteSaid(data)}` });
}

function brokenOff(error: unknown, peer: ByteString, sent: boolean, answers: readonly Answer[]): Transacted {
  if (!(error instanceof BrokenOff)) throw error;
  const doubt = sent ? 'Possible duplicate! ' : '';
  const text = `${doubt}Connected to ${peer} but ${error.message}`;
  return {
    recipients: sent ? answers : [],
    message: { verdict: 'Z', text: text.endsWith('\n') ? text : `${text}. (#4.4.2)\n` },
    undecided: !sent,
    after: 'over',
  };
}

export function* transact(options: TransactOptions): Conversation<Transacted> {
  const { peer } = options;
  const refused = refusedBeforehand(options);
  if (refused !== undefined) {
    const after = options.reset ? 'reset' : 'ready';
    return { recipients: [], message: refused, undecided: false, after };
  }
  let answers: readonly Answer[] = [];
  let sent = false;
  try {
    const opened = yield* openEnvelope(options);
    if ('after' in opened) return opened;
    answers = opened;
    const early = yield { step: 'message' };
    sent = early === undefined;
    const reply = early ?? (yield* hear());
    // Nobody can have taken a message whose end was not sent.
    const said = verdictOf(reply, 2);
    const verdict = early !== undefined && said === 'K' ? 'Z' : said;
    const over = early !== undefined || reply.code === goingAway;
    return {
      recipients: answers,
      message: { verdict, text: `${peer} ${endings[verdict]}.\n${remoteSaid(reply)}` },
      undecided: false,
      after: over ? 'over' : 'ready',
    };
  } catch (error) {
    return brokenOff(error, peer, sent, answers);
  }
}
