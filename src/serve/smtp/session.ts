/**
 * The server's side of one SMTP session (RFC 5321), without its socket and its clock: bytes come in through `feed`, replies
 * go out through `send`. Commands are carried out in their order, each when the one before is answered. Replies are kept
 * back while there is more to read, and never while there is something to wait for (RFC 2920).
 */
import type { Envelope } from '../../mail/index.ts';
import type { ByteString } from '../../system/index.ts';
import type { LoginVerdict } from '../passwords/index.ts';
import { parseCommand, type SmtpVerb } from './command.ts';
import { isControl } from './is-control.ts';
import { createLineReader, type Line } from './line-reader.ts';
import { parseMailParameters, splitParameters } from './parameters.ts';
import { parsePath } from './path.ts';
import { createReceiving, failureReply, type Receiving } from './receiving.ts';
import { formatLines, formatReply, type SmtpReply } from './reply.ts';
import { type Credentials, type SaslDialogue, type SaslStep, saslMechanisms, startSasl } from './sasl.ts';
import type {
  RecipientJudgement,
  SmtpEnding,
  SmtpFacts,
  SmtpSession,
  SmtpSessionOptions,
} from './session-contract.ts';
import { texts } from './texts.ts';

type Mode = 'command' | 'auth' | 'data' | 'handshake' | 'over';

interface Client {
  readonly helo: ByteString | undefined;
  readonly extended: boolean;
  readonly user: ByteString | undefined;
}

interface Transaction {
  readonly sender: ByteString;
  readonly utf8: boolean;
  readonly recipients: ByteString[];
}

interface Lines {
  readonly code: number;
  readonly lines: readonly ByteString[];
}

/** What a command is answered; undefined when that is done already, or comes later. */
type Reaction = SmtpReply | Lines | undefined;

const extensions = ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'];

const stranger: Client = { helo: undefined, extended: false, user: undefined };

function unjudged(error: unknown): RecipientJudgement {
  return { ok: false, reply: failureReply(error) };
}

export function createSmtpSession(options: SmtpSessionOptions): SmtpSession {
  const { limits, name } = options;
  const lines = createLineReader(limits.commandBytesMax);
  const noBytes = new Uint8Array(0);
  let input: Uint8Array = noBytes;
  let at = 0;
  let mode: Mode = 'command';
  let { secure } = options;
  let client = stranger;
  let transaction: Transaction | undefined;
  let receiving: Receiving | undefined;
  let dialogue: SaslDialogue | undefined;
  let errors = 0;
  /** Recipients over the limit, which a client keeps for its next message. */
  let postponed = 0;
  let authFailures = 0;
  /** Replies that are not sent yet. */
  let output = '';
  /** What has to be over before the session goes on. Never rejects. */
  let work: Promise<void> | undefined;
  let ending: SmtpEnding | undefined;
  /** Whether `feed` has not fulfilled its promise yet. */
  let busy = false;
  /** The client will send nothing more, and what it sent is answered first. */
  let isLast = false;

  function end(how: SmtpEnding): void {
    if (mode === 'over') return;
    mode = 'over';
    ending = how;
    receiving?.abandon();
    receiving = undefined;
  }

  function reply(refusalOrNot: SmtpReply): void {
    if (mode === 'over') return;
    output += formatReply(refusalOrNot);
    if (refusalOrNot.code < 400) return;
    if (refusalOrNot === texts.tooManyRecipients) postponed += 1;
    else errors += 1;
    // The log has no line for each of them.
    if (refusalOrNot !== texts.tooManyRecipients || postponed === 1) options.onRefusal?.(refusalOrNot);
    if (errors <= limits.errorsMax && postponed <= limits.postponedMax) return;
    output += formatReply(texts.tooManyErrors);
    end('refused');
  }

  function refuse(refusal: SmtpReply): undefined {
    reply(refusal);
    end('refused');
  }

  function answer(reaction: Reaction): void {
    if (reaction === undefined) return;
    if ('lines' in reaction) output += formatLines(reaction.code, reaction.lines);
    else reply(reaction);
  }

  /** `result` never rejects. */
  function waitFor<Value>(result: Promise<Value>, then: (value: Value) => Reaction): undefined {
    work = result.then((value) => {
      if (mode !== 'over') answer(then(value));
    });
  }

  function facts({ sender, utf8 }: Transaction): SmtpFacts {
    return { ...client, secure, sender, utf8 };
  }

  function greetBack(argument: ByteString, extended: boolean): Reaction {
    const helo = argument.trimEnd();
    if (helo.length > limits.heloBytesMax || isControl(helo)) return texts.syntaxArgument;
    transaction = undefined;
    client = { ...client, helo, extended };
    if (!extended) return { code: 250, lines: [name] };
    const offers = [
      ...(!secure && options.canSecure() ? ['STARTTLS'] : []),
      ...(secure && options.authenticate ? [`AUTH ${saslMechanisms.join(' ')}`] : []),
    ];
    return { code: 250, lines: [name, `SIZE ${limits.messageBytesMax}`, ...extensions, ...offers] };
  }

  function mail(argument: ByteString): Reaction {
    const path = parsePath(argument);
    if (path === undefined) return texts.syntaxAddress;
    const parsed = parseMailParameters(path.parameters);
    if (!parsed.ok) return parsed.problem === 'unknown' ? texts.parameter : texts.syntaxArgument;
    const { sizeBytes, utf8 } = parsed.parameters;
    if (sizeBytes > limits.messageBytesMax) return texts.tooLarge;
    const begun: Transaction = { sender: path.address, utf8, recipients: [] };
    const refusal = options.sender?.(facts(begun));
    if (refusal !== undefined) return refusal;
    transaction = begun;
    return texts.senderOk;
  }

  /** A file that cannot be read now says nothing about the recipient. */
  function judge(address: ByteString, current: Transaction): ReturnType<SmtpSessionOptions['recipient']> {
    try {
      return options.recipient(address, facts(current));
    } catch (error) {
      return unjudged(error);
    }
  }

  function addRecipient({ recipients }: Transaction, judged: RecipientJudgement): SmtpReply {
    if (!judged.ok) return judged.reply;
    recipients.push(judged.address);
    return texts.recipientOk;
  }

  function rcpt(argument: ByteString): Reaction {
    const current = transaction;
    if (current === undefined) return texts.mailFirst;
    const path = parsePath(argument);
    if (path === undefined) return texts.syntaxAddress;
    if (splitParameters(path.parameters).length > 0) return texts.parameter;
    if (current.recipients.length >= limits.recipientsMax) return texts.tooManyRecipients;
    const judged = judge(path.address, current);
    if (!(judged instanceof Promise)) return addRecipient(current, judged);
    return waitFor(judged.catch(unjudged), (judgement) => addRecipient(current, judgement));
  }

  function data(): Reaction {
    if (transaction === undefined) return texts.mailFirst;
    if (transaction.recipients.length === 0) return texts.recipientFirst;
    try {
      receiving = createReceiving(options.begin(facts(transaction)), limits);
    } catch (error) {
      return failureReply(error);
    }
    mode = 'data';
    return { code: 354, lines: ['go ahead'] };
  }

  function takeData(): void {
    if (receiving === undefined) throw new Error('there is no message to take');
    const { state, end: taken, wait } = receiving.feed(input, at);
    at = taken;
    work = wait;
    if (state === 'bare') refuse(texts.bareLineEnd);
    else if (state === 'excess') refuse(texts.tooLarge);
    else if (state === 'end') complete(receiving, wait);
  }

  function complete(whole: Receiving, wait: Promise<void> | undefined): void {
    const { sender = '', recipients = [] } = transaction ?? {};
    const envelope: Envelope = { sender, recipients };
    // From here on it is the queue's, whatever becomes of the client.
    receiving = undefined;
    transaction = undefined;
    mode = 'command';
    const finished = wait === undefined ? whole.finish(envelope) : wait.then(() => whole.finish(envelope));
    waitFor(finished, (answer) => {
      if (answer.code < 400) {
        errors = 0;
        postponed = 0;
      }
      return answer;
    });
  }

  function authenticated({ user }: Credentials, verdict: LoginVerdict): Reaction {
    switch (verdict) {
      case 'accepted':
        client = { ...client, user };
        return texts.authenticated;
      case 'temporary':
        return texts.authUnavailable;
      case 'refused':
        authFailures += 1;
        if (authFailures < limits.authFailuresMax) return texts.authFailed;
        reply(texts.authFailed);
        return refuse(texts.tooManyAuthFailures);
    }
  }

  function take(step: SaslStep): Reaction {
    switch (step.kind) {
      case 'challenge':
        mode = 'auth';
        return { code: 334, lines: [step.text] };
      case 'cancelled':
        return texts.authCancelled;
      case 'malformed':
        return texts.authMalformed;
      case 'credentials': {
        const { credentials } = step;
        const verdict = options.authenticate?.(credentials) ?? Promise.resolve('temporary');
        return waitFor(
          verdict.catch((): LoginVerdict => 'temporary'),
          (found) => authenticated(credentials, found),
        );
      }
    }
  }

  function auth(argument: ByteString): Reaction {
    if (options.authenticate === undefined) return texts.unimplemented;
    if (!secure) return texts.encryptionFirst;
    if (client.user !== undefined || transaction !== undefined) return texts.authNotNow;
    const start = startSasl(argument);
    if (start === undefined) return texts.authMechanism;
    dialogue = start.dialogue;
    return take(start.step);
  }

  function startTls(argument: ByteString): Reaction {
    if (secure || !options.canSecure()) return texts.unimplemented;
    if (argument !== '') return texts.syntaxArgument;
    mode = 'handshake';
    // What follows in the clear may come from somebody in between, and must not be taken for said in TLS (CVE-2011-0411).
    at = input.length;
    return texts.tlsReady;
  }

  const commands: Readonly<Record<SmtpVerb, (argument: ByteString) => Reaction>> = {
    auth,
    data,
    ehlo: (argument) => greetBack(argument, true),
    expn: () => texts.unimplemented,
    helo: (argument) => greetBack(argument, false),
    help: () => texts.help,
    mail,
    noop: () => texts.ok,
    quit() {
      reply({ code: 221, enhanced: '2.0.0', text: name });
      end('quit');
      return undefined;
    },
    rcpt,
    rset() {
      transaction = undefined;
      return texts.flushed;
    },
    starttls: startTls,
    vrfy: () => texts.verify,
  };

  function takeLine(line: Line): Reaction {
    const answering = mode === 'auth';
    mode = 'command';
    if (line.kind === 'too-long') return texts.lineTooLong;
    // Who ends lines in two ways may be led to say what it does not mean.
    if (line.kind === 'malformed') return refuse(texts.malformedLine);
    if (answering && dialogue !== undefined) return take(dialogue.next(line.text));
    const { verb, argument } = parseCommand(line.text);
    return verb === undefined ? texts.unimplemented : commands[verb](argument);
  }

  function step(): void {
    if (mode === 'data') {
      takeData();
      return;
    }
    const read = lines.read(input, at);
    at = read?.end ?? input.length;
    if (read !== undefined) answer(takeLine(read.line));
  }

  function flush(): Promise<void> | undefined {
    const text = output;
    output = '';
    const congested = text === '' ? undefined : options.send(text);
    if (mode === 'over') {
      const how = ending;
      ending = undefined;
      if (how !== undefined) options.onEnd(how);
      return undefined;
    }
    if (mode === 'handshake' && text !== '') options.startTls();
    return congested;
  }

  /** Goes on until there is nothing left to read, or something to wait for. */
  function advance(): Promise<unknown> | undefined {
    while (at < input.length && work === undefined && mode !== 'over' && mode !== 'handshake') step();
    const awaited = work;
    work = undefined;
    const congested = flush();
    return awaited !== undefined && congested !== undefined
      ? Promise.all([awaited, congested])
      : (awaited ?? congested);
  }

  function hangUp(): void {
    end('closed');
    flush();
  }

  async function goOn(first: Promise<unknown>): Promise<void> {
    busy = true;
    for (let wait: Promise<unknown> | undefined = first; wait !== undefined; wait = advance()) await wait;
    busy = false;
    input = noBytes;
    if (isLast) hangUp();
  }

  return {
    greet() {
      output += formatLines(220, [`${name} ESMTP`]);
      flush();
    },
    feed(bytes) {
      input = bytes;
      at = 0;
      const wait = advance();
      return wait === undefined ? undefined : goOn(wait);
    },
    secured() {
      mode = 'command';
      secure = true;
      client = stranger;
      transaction = undefined;
      lines.clear();
    },
    end() {
      isLast = true;
      if (!busy) hangUp();
    },
    lose: hangUp,
    refuse(refusal) {
      refuse(refusal);
      flush();
    },
    get over() {
      return mode === 'over';
    },
    get inMessage() {
      return mode === 'data';
    },
    get inCommand() {
      return mode !== 'data' && lines.begun;
    },
  };
}
