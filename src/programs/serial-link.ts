/** What maildirsmtp and maildirqmtp have in common: a Maildir goes to one host, and what is given up comes back. */
import { homeDirectory, openControl } from '../control/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { openRemote, parseRoute, type Route, readRemoteSettings, type Timeouts } from '../remote/index.ts';
import { chooseQueue } from '../submit/index.ts';
import { errorText, printable, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { complain } from './print.ts';
import type { Wiring } from './program.ts';
import { sendMaildir } from './send-maildir.ts';
import { bounceSerialMessage, readSerialBounceSettings } from './serial-bounce.ts';
import { createSerialDelivery } from './serial-delivery.ts';

const exitUsage = 100;
const exitTemporary = 111;

/** Seconds after which a message that fails for now is given up: two weeks, as serialmail has it. */
export const linkLifetimeSeconds = 1_209_600;

/** A link that was down a moment ago may be up now: no host is left alone here. */
const noTimeouts: Timeouts = {
  isResting: () => false,
  timedOut() {},
  answered() {},
  list: () => [],
  clear() {},
};

export const linkDescription: readonly string[] = [
  'The messages are those that qmail-local has put there, as for maildirserial(1): they begin with Return-Path and Delivered-To lines, and the address in the Delivered-To line begins with PREFIX, which is taken away. The two lines are not sent. A message that was sent is removed. One that the host refuses for ever, or that fails for now and has been in DIRECTORY for too long, comes back to its sender as a bounce. All others stay for the next time.',
  'Messages go one after the other over one connection. When the host cannot be reached, the others are not tried. What becomes of each is written to descriptor 2. Only one program should work on a DIRECTORY at a time; flock(1) sees to that.',
];

export const linkControls: NonNullable<Manual['controls']> = [
  ['me', 'The name of this host. Required.'],
  ['bouncefrom, bouncehost, bouncemaxbytes, doublebounceto, doublebouncehost', 'As for maildirserial(1).'],
  ['smtpca, smtppasswords, timeoutconnect, timeoutremote', 'As for qmail-remote(8).'],
  ['qmailqueue', 'A program that takes bounces in place of the queue.'],
];

export const linkExitCodes: Manual['exitCodes'] = [
  ['0', 'Each message was sent or bounced, or there was none.'],
  ['100', 'It was called wrongly.'],
  ['111', 'Some messages are still there, or a control file cannot be used.'],
];

/** `helo`: whether the name that this host calls itself is the last operand. */
export async function runSerialLink(
  system: System,
  wiring: Wiring,
  { manual, protocol, helo }: { manual: Manual; protocol: Route['protocol']; helo: boolean },
): Promise<number> {
  const fail = (exitCode: number, text: string): number => {
    complain(system, manual.name, text);
    return exitCode;
  };
  const parsed = parseCommandLine(manual, system.args);
  if (!parsed.ok) return fail(exitUsage, `${parsed.problem}\n${usage(manual)}`);
  const [directory, prefix, host, name, ...more] = parsed.line.operands;
  const isWhole = host !== undefined && host !== '' && (name !== undefined) === helo && more.length === 0;
  if (directory === undefined || prefix === undefined || !isWhole) return fail(exitUsage, usage(manual));
  let route: Route;
  try {
    route = parseRoute(host, protocol);
  } catch (error) {
    return fail(exitUsage, errorText(error));
  }
  try {
    const control = openControl(system);
    const read = readRemoteSettings(system, control);
    const settings = { ...read, ownName: name ?? read.ownName };
    const home = nativeText(homeDirectory(system));
    const sender = {
      ...openRemote({ system, home, settings: { current: () => settings } }),
      timeouts: noTimeouts,
    };
    const bounces = readSerialBounceSettings(control, prefix);
    const queue = chooseQueue(system, wiring.queue);
    return await sendMaildir(system, {
      directory,
      prefix,
      client: createSerialDelivery({
        system,
        sender,
        destination: { route, domain: host },
        settings,
        prefix,
      }),
      lifetimeMs: linkLifetimeSeconds * 1000,
      bounce: (path, report) => bounceSerialMessage(system, queue, bounces, { path, report }),
      say: (text) => complain(system, manual.name, text),
    });
  } catch (error) {
    return fail(exitTemporary, `fatal: ${printable(errorText(error))}`);
  }
}
