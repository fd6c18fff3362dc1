/**
 * One message to one local recipient: qmail-local's work, without its process. The home is looked at, a message that
 * was here before is refused, and the instructions are carried out one after the other. The first that fails ends it;
 * what those before it did stays done, and is done again when the message is tried again (qmail-local(8)).
 *
 * Files are written here; what else instructions may ask for is deferred, never ignored: programs, forwards, and
 * .qmail files, whose place the default delivery must not take.
 */
import type { MessageBody } from '../mail/index.ts';
import { type Answer, type ByteString, bytesOf } from '../system/index.ts';
import { type DeliveryLines, deliveryLines } from './delivery-lines.ts';
import { hasHeaderLine } from './header-line.ts';
import { findQmailFile, openHome, stickyHome } from './home.ts';
import { type Instruction, type Instructions, parseInstructions } from './instruction.ts';
import { deliverToMaildir } from './maildir.ts';
import { deliverToMbox } from './mbox.ts';
import { deferral, reasonOf, rejection, success } from './report.ts';

/** Whose mailbox it is. */
export interface LocalUser {
  /** The path of the home directory. */
  readonly home: ByteString;
  /** What stands between the user's name and the extension in the local part, and the extension. */
  readonly dash?: ByteString;
  readonly extension?: ByteString;
  /** The default delivery: lines of the .qmail notation, for a user who has no instructions of his own. */
  readonly delivery: ByteString;
}

export interface LocalJob extends LocalUser {
  readonly body: MessageBody;
  readonly sender: ByteString;
  /** The whole address, local@domain; a virtual domain's prefix is already there. */
  readonly recipient: ByteString;
  readonly nowMs: number;
}

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

/** What is to be done for a recipient. Also what `qmail-local -n` shows. */
export function instructionsFor(user: LocalUser): Instructions {
  const { home, dash = '', extension = '', delivery } = user;
  const file = findQmailFile(home, dash, extension);
  switch (file.state) {
    case 'refused':
      return { ok: false, answer: file.answer };
    case 'found':
      // An empty file asks for the default delivery.
      if (file.sizeBytes === 0) return parseInstructions(delivery);
      return {
        ok: false,
        answer: deferral(`This program does not read ${file.name}, and will not deliver past it. (#4.3.5)`),
      };
    case 'absent':
      if (dash === '') return parseInstructions(delivery);
      return { ok: false, answer: rejection('Sorry, no mailbox here by that name. (#5.1.1)') };
  }
}

/** Programs and forwards are refused before anything is done, or the files before them would fill up with copies. */
function unsupported(list: readonly Instruction[]): Answer | undefined {
  const kind = list.find(({ kind }) => kind === 'program' || kind === 'forward')?.kind;
  if (kind === undefined) return undefined;
  return deferral(`This program delivers to files only, and the instructions hold a ${kind}. (#4.3.5)`);
}

/** Returns why it was not done, or undefined. */
async function carryOut(
  job: LocalJob,
  instruction: Instruction,
  lines: DeliveryLines,
): Promise<Answer | undefined> {
  const head = `${lines.returnPath}${lines.deliveredTo}`;
  switch (instruction.kind) {
    case 'maildir': {
      const { path } = instruction;
      return await deliverToMaildir(pathFrom(job.home, path), path, bytesOf(head), job.body);
    }
    case 'mbox': {
      const { path } = instruction;
      return await deliverToMbox(pathFrom(job.home, path), path, bytesOf(`${lines.from}${head}`), job.body);
    }
    case 'program':
    case 'forward':
      throw new Error(`an instruction that was to be refused: ${instruction.kind}`);
  }
}

function pathFrom(home: ByteString, path: ByteString): ByteString {
  return path.startsWith('/') ? path : `${home}/${path}`;
}

/** K, Z or D with qmail-local's report. What fails on the way is Z. */
export async function deliverLocally(job: LocalJob): Promise<Answer> {
  const home = openHome(job.home);
  if (!home.ok) return home.answer;
  if (home.sticky) return stickyHome();

  const lines = deliveryLines(job.sender, job.recipient, job.nowMs);
  const seen = lookAt(job.body, bytesOf(lines.deliveredTo));
  if (!seen.ok) return seen.answer;
  if (seen.found) {
    return rejection('This message is looping: it already has my Delivered-To line. (#5.4.6)');
  }

  const instructions = instructionsFor(job);
  if (!instructions.ok) return instructions.answer;
  const refusal = unsupported(instructions.list);
  if (refusal !== undefined) return refusal;
  for (const instruction of instructions.list) {
    const failure = await carryOut({ ...job, body: seen.body }, instruction, lines);
    if (failure !== undefined) return failure;
  }
  return success(instructions.list.length, 0, 0);
}
