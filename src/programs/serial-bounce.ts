/** The bounce of a message that maildirserial gives up, in the form of qmail-send's bounces. */
import type { Control } from '../control/index.ts';
import { formatBounce, formatTimestamp } from '../mail/index.ts';
import { createSpill, type Queue, queueNumber } from '../submit/index.ts';
import { type ByteString, errorText, type System } from '../system/index.ts';
import { bodyBehind, readSerialMessage } from './serial-message.ts';

export interface SerialBounceSettings {
  readonly me: ByteString;
  readonly from: ByteString;
  readonly doubleBounceTo: ByteString;
  /** The original is returned whole up to this size, and its header of a larger one; 0 for no limit. */
  readonly originalBytesMax: number;
  /** What recipients in the Maildir begin with, and nobody else knows of. */
  readonly prefix: ByteString;
}

const originalBytesMaxDefault = 65_536;

export function readSerialBounceSettings(control: Control, prefix: ByteString): SerialBounceSettings {
  return {
    me: control.lineOrMe('me'),
    from: `${control.line('bouncefrom') ?? 'MAILER-DAEMON'}@${control.lineOrMe('bouncehost')}`,
    doubleBounceTo: `${control.line('doublebounceto') ?? 'postmaster'}@${control.lineOrMe('doublebouncehost')}`,
    originalBytesMax: control.number('bouncemaxbytes', originalBytesMaxDefault),
    prefix,
  };
}

export type SerialBounce =
  | { readonly kind: 'returned'; readonly qp: ByteString }
  /** A bounce of a bounce of a bounce: nobody is told. */
  | { readonly kind: 'triple' }
  | { readonly kind: 'not-bounced'; readonly problem: string };

export interface BouncedMessage {
  readonly path: ByteString;
  /** Why it is given up. */
  readonly report: ByteString;
}

/** The sender of a bounce's bounce, which is bounced no more. */
const doubleBounceSender = '#@[]';

const boundaryBytes = 18;

function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

function notBounced(problem: string): SerialBounce {
  return { kind: 'not-bounced', problem };
}

async function bounceOpened(
  system: System,
  queue: Queue,
  settings: SerialBounceSettings,
  { path, report }: BouncedMessage,
  descriptor: number,
): Promise<SerialBounce> {
  const head = readSerialMessage(system, descriptor);
  if (head?.sender === undefined)
    return notBounced('it does not begin with Return-Path and Delivered-To lines');
  const { sender, recipient, headBytes } = head;
  if (sender === doubleBounceSender) return { kind: 'triple' };
  const { sizeBytes, modifiedMs } = system.files.status(path);
  const nowMs = system.now();
  const isDouble = sender === '';
  const to = isDouble ? settings.doubleBounceTo : sender;
  const address = recipient.startsWith(settings.prefix) ? recipient.slice(settings.prefix.length) : recipient;
  const unique = hexOf(system.random(boundaryBytes));
  const message = createSpill(system);
  try {
    const pieces = formatBounce({
      program: 'maildirserial',
      host: settings.me,
      from: settings.from,
      to,
      isDouble,
      messageId: `<${formatTimestamp(nowMs)}.${unique}.bounce@${settings.me}>`,
      boundary: `=_${unique}`,
      nowMs,
      sender,
      arrivedMs: modifiedMs,
      original: bodyBehind(system, descriptor, headBytes, sizeBytes),
      originalBytesMax: settings.originalBytesMax,
      failures: () => [{ address, report, triedMs: nowMs }],
    });
    for (const piece of pieces) message.write(piece);
    const envelope = { sender: isDouble ? doubleBounceSender : '', recipients: [to] };
    const { answer } = await queue(system, message, envelope);
    if (answer.verdict !== 'K') return notBounced(`the queue failed: ${answer.text}`);
    return { kind: 'returned', qp: queueNumber(answer.text) };
  } finally {
    message.close();
  }
}

/** Gives the bounce to the queue. The message stays where it is. */
export async function bounceSerialMessage(
  system: System,
  queue: Queue,
  settings: SerialBounceSettings,
  message: BouncedMessage,
): Promise<SerialBounce> {
  let descriptor: number | undefined;
  try {
    descriptor = system.files.open(message.path, 'read');
    return await bounceOpened(system, queue, settings, message, descriptor);
  } catch (error) {
    return notBounced(errorText(error));
  } finally {
    if (descriptor !== undefined) system.files.close(descriptor);
  }
}
