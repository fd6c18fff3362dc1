/**
 * One message to one local recipient: qmail-local's work, without its process. The home is looked at, a message that
 * was here before is refused, and the instructions are carried out one after the other, forwards last and together. The
 * first that fails ends it; what those before it did stays done, and is done again when the message is tried again
 * (qmail-local(8)).
 *
 * Many run at the same time in one process: nothing of the process is changed, not its directory, not its environment.
 */
import type { MessageBody } from '../mail/index.ts';
import { type Answer, type ByteString, bytesOf } from '../system/index.ts';
import { type DeliveryLines, deliveryLines } from './delivery-lines.ts';
import { forward } from './forward.ts';
import { hasHeaderLine } from './header-line.ts';
import { openHome, stickyHome } from './home.ts';
import type { Instruction } from './instruction.ts';
import { instructionsFor } from './instructions-for.ts';
import type { LocalJob, LocalMeans } from './job.ts';
import { deliverToMaildir } from './maildir.ts';
import { deliverToMbox } from './mbox.ts';
import { createMessageFile, type MessageFile } from './message-file.ts';
import { newSender } from './new-sender.ts';
import { type ProgramEnd, runUserProgram } from './program.ts';
import { type Environment, programEnvironment } from './program-environment.ts';
import { deferral, reasonOf, rejection, success, withOutput } from './report.ts';

type Look =
  | { readonly ok: true; readonly found: boolean; readonly body: MessageBody }
  | { readonly ok: false; readonly answer: Answer };

/** A piece that is the whole message need not be read again. */
function bodyOf(body: MessageBody, first: Uint8Array | undefined): MessageBody {
  if (first === undefined || first.length !== body.sizeBytes) return body;
  return { sizeBytes: body.sizeBytes, chunks: () => [first] };
}

/** Looks for a line in the header. The body that comes back is read from memory when one piece was all of it. */
function lookAt(body: MessageBody, line: Uint8Array): Look {
  let first: Uint8Array | undefined;
  function* pieces(): Generator<Uint8Array> {
    for (const piece of body.chunks()) {
      first ??= piece;
      yield piece;
      if (piece.length === body.sizeBytes) return;
    }
  }
  try {
    const found = hasHeaderLine(pieces(), line);
    return { ok: true, found, body: bodyOf(body, first) };
  } catch (error) {
    return { ok: false, answer: deferral(`Unable to read message: ${reasonOf(error)}. (#4.3.0)`) };
  }
}

function pathFrom(home: ByteString, path: ByteString): ByteString {
  return path.startsWith('/') ? path : `${home}/${path}`;
}

type Kind = Instruction['kind'];

/** What has been done so far. */
interface Progress {
  readonly done: Record<Kind, number>;
  /** Whom the message is to be forwarded to in the end. */
  readonly recipients: ByteString[];
  /** What programs have printed. */
  output: ByteString;
}

/** What carries out the lines of one delivery. */
interface Hands {
  toFile(kind: 'maildir' | 'mbox', path: ByteString): Promise<Answer | undefined>;
  toProgram(command: ByteString): Promise<ProgramEnd>;
}

function hands(
  job: LocalJob,
  means: LocalMeans,
  lines: DeliveryLines,
  message: MessageFile,
  environment: () => Environment,
): Hands {
  const { home, body } = job;
  const head = `${lines.returnPath}${lines.deliveredTo}`;
  return {
    toFile: (kind, shown) => {
      const path = pathFrom(home, shown);
      return kind === 'maildir'
        ? deliverToMaildir(path, shown, bytesOf(head), body, means.diskFor?.(body.sizeBytes))
        : deliverToMbox(path, shown, bytesOf(`${lines.from}${head}`), body);
    },
    toProgram: (command) => runUserProgram({ command, home, environment: environment(), message }, means),
  };
}

/** Carries out all lines but the forwards, which it notes. Returns why it stopped before the end, or undefined. */
async function carryOut(
  list: readonly Instruction[],
  { toFile, toProgram }: Hands,
  progress: Progress,
): Promise<Answer | undefined> {
  for (const instruction of list) {
    progress.done[instruction.kind] += 1;
    switch (instruction.kind) {
      case 'maildir':
      case 'mbox': {
        const failure = await toFile(instruction.kind, instruction.path);
        if (failure !== undefined) return failure;
        break;
      }
      case 'program': {
        const { output, failure, stop } = await toProgram(instruction.command);
        progress.output += output;
        if (failure !== undefined) return failure;
        if (stop) return undefined;
        break;
      }
      case 'forward':
        progress.recipients.push(instruction.address);
    }
  }
  return undefined;
}

async function deliver(
  job: LocalJob,
  means: LocalMeans,
  lines: DeliveryLines,
  progress: Progress,
): Promise<Answer> {
  const instructions = instructionsFor(job);
  if (!instructions.ok) return instructions.answer;
  const owned = newSender(job);
  if (!owned.ok) return owned.answer;

  const { list, defaultPart } = instructions;
  const { done, recipients } = progress;
  const message = createMessageFile(means.system, job.body);
  try {
    const environment = () => programEnvironment(job, means.system, lines, owned.sender, defaultPart);
    const failure = await carryOut(list, hands(job, means, lines, message, environment), progress);
    if (failure !== undefined) return failure;
  } finally {
    message.close();
  }
  const files = done.maildir + done.mbox;
  if (recipients.length === 0) return success(files, 0, done.program);
  const forwarded = await forward(job, means, lines.deliveredTo, owned.sender, recipients);
  if (!forwarded.ok) return forwarded.answer;
  return success(files, done.forward, done.program, forwarded.qp);
}

/** K, Z or D with qmail-local's report. What fails on the way is Z. */
export async function deliverLocally(job: LocalJob, means: LocalMeans): Promise<Answer> {
  const home = openHome(job.home);
  if (!home.ok) return home.answer;
  if (home.sticky) return stickyHome();

  const lines = deliveryLines(job.sender, `${job.local}@${job.domain}`, job.nowMs);
  const seen = lookAt(job.body, bytesOf(lines.deliveredTo));
  if (!seen.ok) return seen.answer;
  if (seen.found) {
    return rejection('This message is looping: it already has my Delivered-To line. (#5.4.6)');
  }

  const progress: Progress = {
    done: { maildir: 0, mbox: 0, forward: 0, program: 0 },
    recipients: [],
    output: '',
  };
  const answer = await deliver({ ...job, body: seen.body }, means, lines, progress);
  return withOutput(progress.output, answer);
}
