/**
 * What serialsmtp and serialqmtp have in common: clients of maildirserial that send the messages they are told over the
 * connection that tcpclient has made. They report on a message when it was sent or refused, or when the connection broke in
 * its middle; on those behind it they do not, and maildirserial gives them to a client with a new connection.
 */
import { openControl } from '../control/index.ts';
import { type CommandLine, type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { type Connection, conversationMsMax, type Opening, readRemoteSettings } from '../remote/index.ts';
import { type Answer, type ByteString, bytesOf, errorText, printable, type System } from '../system/index.ts';
import { namesOfInput } from './names-of-input.ts';
import { complain } from './print.ts';
import { reportText, sendOutgoing, serialAnswer } from './serial-outgoing.ts';
import { serialNameBytesMax } from './serial-report.ts';

export interface SerialOverDescriptors {
  readonly manual: Manual;
  /** How many operands there are; the first one is the prefix. */
  readonly operands: number;
  /** Begins to speak with the server; `peer` is its name in reports. */
  open(line: CommandLine, times: ClientTimes, peer: ByteString): Promise<Opening>;
}

export interface ClientTimes {
  readonly connectMs: number;
  readonly replyMs: number;
  readonly conversationMs: number;
}

const exitDone = 0;
const exitUsage = 100;
const exitTemporary = 111;

export const serialClientDescription: readonly string[] = [
  'It reads names of messages on descriptor 0, each with a NUL behind it, and reports of each on descriptor 1 as maildirserial(1) says. The messages are as qmail-local(8) puts them into a Maildir: they begin with Return-Path and Delivered-To lines, which are not sent, and the address in the Delivered-To line begins with PREFIX, which is taken away.',
  'When the connection breaks in the middle of a message, that message is reported to have failed for now. Those behind it are not reported on: maildirserial runs its client again for them.',
];

export const serialClientEnvironment: NonNullable<Manual['environment']> = [
  ['PROTO', 'Set by tcpclient. Without it there is no connection.'],
  ['TCPREMOTEIP', 'The address of the server, for reports.'],
  ['QMAILHOME', 'The directory that holds control/; /var/qmail without it.'],
];

export const serialClientExitCodes: Manual['exitCodes'] = [
  ['0', 'Each message was reported on.'],
  ['100', 'It was called wrongly.'],
  ['111', 'The server does not take mail now, the connection broke, or there is none.'],
];

export const serialClientLimits: NonNullable<Manual['limits']> = [
  ['name', `${serialNameBytesMax} bytes`],
  ['one message', `${conversationMsMax / 1000} seconds`],
];

/** Answers why it ended before the last name, if it did. */
async function sendAll(
  system: System,
  prefix: ByteString,
  connection: Connection,
): Promise<ByteString | undefined> {
  let isFirst = true;
  let last = '';
  for (const name of namesOfInput(system, serialNameBytesMax)) {
    if (!connection.isOpen) return last === '' ? 'the server has ended the connection' : last;
    const answer: Answer & { readonly undecided?: boolean } = await sendOutgoing(
      system,
      name,
      prefix,
      async (outgoing) => {
        const delivered = await connection.deliver(outgoing);
        return { ...serialAnswer(delivered), undecided: delivered.undecided };
      },
    );
    const text = reportText(answer.text);
    // The server may have had enough of us before it heard of this one.
    if (answer.undecided === true && !isFirst) return text;
    system.files.write(1, bytesOf(`${name}\0${answer.verdict}${text}\n`));
    if (answer.undecided !== undefined) isFirst = false;
    last = answer.verdict === 'K' ? '' : text;
  }
  return undefined;
}

export async function runSerialOverDescriptors(
  system: System,
  { manual, operands, open }: SerialOverDescriptors,
): Promise<number> {
  const fail = (exitCode: number, text: string): number => {
    complain(system, manual.name, text);
    return exitCode;
  };
  const parsed = parseCommandLine(manual, system.args);
  if (!parsed.ok) return fail(exitUsage, `${parsed.problem}\n${usage(manual)}`);
  const [prefix, ...rest] = parsed.line.operands;
  if (prefix === undefined || rest.length !== operands - 1) return fail(exitUsage, usage(manual));
  try {
    const { connectMs, replyMs } = readRemoteSettings(system, openControl(system));
    const times = { connectMs, replyMs, conversationMs: conversationMsMax };
    const opening = await open(parsed.line, times, printable(system.env('TCPREMOTEIP') ?? 'the server', 100));
    if (!opening.ok) return fail(exitTemporary, printable(reportText(opening.answer.text)));
    const problem = await sendAll(system, prefix, opening.connection);
    opening.connection.close();
    return problem === undefined ? exitDone : fail(exitTemporary, printable(problem));
  } catch (error) {
    return fail(exitTemporary, `fatal: ${printable(errorText(error))}`);
  }
}
