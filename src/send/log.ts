/** The lines of qmail-log(5), which existing analysers read, and the same events as JSON. */
import { asciiJson, type ByteString, printable } from '../system/index.ts';
import type { SendEvent, Status } from './event.ts';

/** A report on one line: LF becomes '/', and what is not printable ASCII, or is a '%', becomes '_'. */
export function reportText(text: ByteString): string {
  let result = '';
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 10) result += '/';
    else result += code < 33 || code > 126 || code === 37 ? '_' : text.charAt(index);
  }
  return result;
}

/** An address in a log line: a peer chose it, so it may hold no space, line end or control character. */
export function addressText(address: ByteString): string {
  let result = '';
  for (let index = 0; index < address.length; index += 1) {
    const code = address.charCodeAt(index);
    result += code < 33 || code > 126 ? '_' : address.charAt(index);
  }
  return result;
}

const outcomes = { K: 'success', Z: 'deferral', D: 'failure' } as const;

function statusLine({ running, limits, exiting }: Status): string {
  const state = `local ${running.local}/${limits.local} remote ${running.remote}/${limits.remote}`;
  return `status: ${state}${exiting ? ' exitasap' : ''}`;
}

/** `uidOf`: the uid that the log names for a message's caller. */
export function classicLines(event: SendEvent, uidOf: (caller: string) => string): readonly string[] {
  switch (event.event) {
    case 'new': {
      const { id, sizeBytes, sender, caller } = event.message;
      const info = `bytes ${sizeBytes} from <${addressText(sender)}> qp ${id} uid ${uidOf(caller)}`;
      return [`new msg ${id}`, `info msg ${id}: ${info}`];
    }
    case 'repeated': {
      const { sender, host, headerMessageId } = event.message;
      const by = host === '' ? '' : ` host ${addressText(host)}`;
      const which = `from <${addressText(sender)}>${by} Message-ID ${addressText(headerMessageId)}`;
      return [
        `notice: the same submission again, accepted before as msg ${event.before}, is not queued again: ${which}`,
      ];
    }
    case 'start': {
      const to = `${event.channel} ${addressText(event.address)}`;
      return [`starting delivery ${event.delivery}: msg ${event.message.id} to ${to}`];
    }
    case 'delivery': {
      const { verdict, text } = event.answer;
      return [`delivery ${event.delivery}: ${outcomes[verdict]}: ${reportText(text)}`];
    }
    case 'status':
      return [statusLine(event.status)];
    case 'bounce':
      return [`bounce msg ${event.message.id} qp ${event.qp}`];
    case 'triple-bounce':
      return [`triple bounce: discarding bounce/${event.message.id}`];
    case 'end':
      return [`end msg ${event.message.id}`];
    case 'exiting':
      return ['status: exiting'];
    case 'notice':
    case 'warning':
    case 'alert':
      return [`${event.event}: ${printable(event.text)}`];
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** The keys of an event, in a fixed order; `id` is the Message-ID, which follows a message from its satellite on. */
function jsonFields(event: SendEvent): object {
  switch (event.event) {
    case 'new': {
      const { id, headerMessageId, host, caller, sender, sizeBytes } = event.message;
      return { msg: id, id: headerMessageId, host, caller, sender, bytes: sizeBytes };
    }
    case 'repeated':
      return {
        msg: event.before,
        id: event.message.headerMessageId,
        host: event.message.host,
        sender: event.message.sender,
        queued: false,
      };
    case 'start':
      return {
        msg: event.message.id,
        id: event.message.headerMessageId,
        delivery: event.delivery,
        channel: event.channel,
        recipient: event.address,
      };
    case 'delivery':
      return {
        msg: event.message.id,
        id: event.message.headerMessageId,
        delivery: event.delivery,
        channel: event.channel,
        recipient: event.address,
        result: outcomes[event.answer.verdict],
        text: event.answer.text,
        attempts: event.attempts,
        ms: Math.round(event.durationMs),
        next: event.nextMs === undefined ? null : iso(event.nextMs),
      };
    case 'status':
      return { ...event.status };
    case 'bounce':
      return { msg: event.message.id, id: event.message.headerMessageId, bounce: event.qp };
    case 'triple-bounce':
    case 'end':
      return { msg: event.message.id, id: event.message.headerMessageId };
    case 'exiting':
      return {};
    case 'notice':
    case 'warning':
    case 'alert':
      return { text: event.text };
  }
}

/** One object on one line, in ASCII. */
export function jsonLine(event: SendEvent, nowMs: number): string {
  return asciiJson({ time: iso(nowMs), event: event.event, ...jsonFields(event) });
}
