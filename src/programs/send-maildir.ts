/**
 * What maildirserial does: it gives the messages of a Maildir to a client, again and again, until each is sent, bounced,
 * or known to be stuck for now. A message is removed as soon as its report is here: a crash repeats no more than those
 * whose reports were not read.
 */
import { type ByteString, errorText, printable, type System } from '../system/index.ts';
import { cleanMaildir, type MaildirFile, scanMaildir } from './maildir-scan.ts';
import type { SerialBounce } from './serial-bounce.ts';
import type { SerialEnd, SerialRun } from './serial-client.ts';
import { readSerialMessage } from './serial-message.ts';
import type { SerialReport } from './serial-report.ts';

/** Sends messages, and reports on as many of them as it can. */
export type SerialClient = (run: Omit<SerialRun, 'command'>) => Promise<SerialEnd>;

export interface SendMaildir {
  readonly directory: ByteString;
  /** Only messages to recipients that begin so are sent. */
  readonly prefix: ByteString;
  readonly client: SerialClient;
  /** A message that has been here longer is given up when it fails for now. */
  readonly lifetimeMs: number | undefined;
  /** Bounces what is given up; without it that stays in the Maildir. */
  readonly bounce: ((path: ByteString, report: ByteString) => Promise<SerialBounce>) | undefined;
  /** Says something of what happens, in one line. */
  say(text: string): void;
}

/** How often the client may run without a single report. */
const fruitlessRunsMax = 3;

const exitDone = 0;
const exitPermanent = 100;
const exitTemporary = 111;

const tooOld = 'It has been here too long; no further attempt is made.';

export async function sendMaildir(system: System, options: SendMaildir): Promise<number> {
  const { directory, prefix, client, lifetimeMs, bounce, say } = options;
  /** Messages that are not tried again in this run. */
  const stuck = new Set<ByteString>();

  function hasPrefix({ name, path }: MaildirFile): boolean {
    if (prefix === '') return true;
    let descriptor: number | undefined;
    try {
      descriptor = system.files.open(path, 'read');
      return readSerialMessage(system, descriptor)?.recipient.startsWith(prefix) === true;
    } catch (error) {
      say(`warning: unable to read ${printable(name)}: ${errorText(error)}`);
      return false;
    } finally {
      if (descriptor !== undefined) system.files.close(descriptor);
    }
  }

  function remove({ name, path }: MaildirFile, what: string): void {
    try {
      system.files.unlink(path);
    } catch (error) {
      say(`warning: ${what} but not removed: ${printable(name)}: ${errorText(error)}`);
      stuck.add(name);
    }
  }

  async function giveUp(message: MaildirFile, report: ByteString): Promise<void> {
    const shown = printable(message.name);
    const bounced = await bounce?.(message.path, report);
    switch (bounced?.kind) {
      case undefined:
        stuck.add(message.name);
        break;
      case 'not-bounced':
        say(`warning: unable to bounce ${shown}: ${printable(bounced.problem)}`);
        stuck.add(message.name);
        break;
      case 'triple':
        say(`info: discarding ${shown}: triple bounce`);
        remove(message, 'discarded');
        break;
      case 'returned':
        say(`info: returned ${shown}: qp ${bounced.qp}`);
        remove(message, 'bounced');
    }
  }

  async function settle(message: MaildirFile, { verdict, text }: SerialReport): Promise<void> {
    const shown = printable(message.name);
    if (verdict === 'K') {
      say(`info: ${shown} succeeded: ${printable(text)}`);
      remove(message, 'sent');
      return;
    }
    const isOld = lifetimeMs !== undefined && system.now() > message.modifiedMs + lifetimeMs;
    if (verdict === 'Z' && !isOld) {
      say(`info: ${shown} failed temporarily: ${printable(text)}`);
      stuck.add(message.name);
      return;
    }
    say(`info: ${shown} ${bounce === undefined ? 'failed' : 'bounced'}: ${printable(text)}`);
    await giveUp(message, verdict === 'D' ? `${text}\n` : `${text}\n${tooOld}\n`);
  }

  /** Gives the messages to the client once. Answers the exit code when this was the last time. */
  async function runOnce(
    messages: readonly MaildirFile[],
    onReport: () => void,
  ): Promise<number | undefined> {
    const waiting = new Map(messages.map((message) => [message.name, message]));
    const ended = await client({
      directory,
      names: [...waiting.keys()],
      async take(report) {
        const message = waiting.get(report.name);
        if (message === undefined) {
          say(`warning: the client reports on ${printable(report.name)}, which it was not given`);
          return;
        }
        waiting.delete(report.name);
        onReport();
        await settle(message, report);
      },
    });
    switch (ended) {
      case undefined:
        say('fatal: client crashed');
        return exitTemporary;
      case 'malformed':
        say('fatal: the client does not report as it should');
        return exitTemporary;
      case exitPermanent:
        return exitPermanent;
      default:
        return undefined;
    }
  }

  for (let fruitless = 0; fruitless < fruitlessRunsMax; ) {
    cleanMaildir(system, directory);
    const messages = scanMaildir(system, directory, ['new', 'cur']).filter(
      (message) => !stuck.has(message.name) && hasPrefix(message),
    );
    if (messages.length === 0) return stuck.size > 0 ? exitTemporary : exitDone;
    fruitless += 1;
    const exitCode = await runOnce(messages, () => {
      fruitless = 0;
    });
    if (exitCode !== undefined) return exitCode;
  }
  say('fatal: making no progress, giving up');
  return exitTemporary;
}
