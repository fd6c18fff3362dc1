/**
 * When each satellite was last heard of, and how much it has sent: files in control/satellites/.heard, named after it.
 * They are written at most once a second, and when the listener closes; a crash loses the last of them.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type ByteString, errorCode, errorText } from '../../system/index.ts';

export interface Usage {
  readonly lastMs: number;
  readonly messages: number;
  readonly recipients: number;
  readonly bytes: number;
}

export interface UsageRecord {
  heard(name: ByteString): void;
  sent(name: ByteString, recipients: number, bytes: number): void;
  /** Writes what has not been written. */
  close(): void;
}

export interface UsageOptions {
  /** control/satellites/.heard */
  readonly directory: string;
  now(): number;
  log(line: string): void;
}

const none: Usage = { lastMs: 0, messages: 0, recipients: 0, bytes: 0 };

const writeMs = 1000;

/** What is known of a satellite; zeros when nothing is. */
export function readUsage(directory: string, name: ByteString): Usage {
  let text: string;
  try {
    text = readFileSync(`${directory}/${name}`, 'latin1');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return none;
    throw error;
  }
  const numbers = text.trim().split(' ').map(Number);
  const [lastMs = 0, messages = 0, recipients = 0, bytes = 0] = numbers;
  return numbers.every(Number.isSafeInteger) ? { lastMs, messages, recipients, bytes } : none;
}

/** Several may write to one directory, as long as they are in one process: what is there is read when it is added to. */
export function openUsage({ directory, now, log }: UsageOptions): UsageRecord {
  /** What is not written yet. */
  const added = new Map<ByteString, Usage>();
  let timer: NodeJS.Timeout | undefined;

  function writeOne(name: ByteString, more: Usage): void {
    const before = readUsage(directory, name);
    const messages = before.messages + more.messages;
    const recipients = before.recipients + more.recipients;
    const fresh = `${directory}/.${process.pid}`;
    const text = `${more.lastMs} ${messages} ${recipients} ${before.bytes + more.bytes}\n`;
    writeFileSync(fresh, text, { mode: 0o644 });
    renameSync(fresh, `${directory}/${name}`);
  }

  function write(): void {
    timer = undefined;
    for (const [name, more] of added) {
      try {
        writeOne(name, more);
      } catch (error) {
        log(`warning: control/satellites/.heard/${name}: ${errorText(error)}`);
      }
    }
    added.clear();
  }

  function add(name: ByteString, messages: number, recipients: number, bytes: number): void {
    const before = added.get(name) ?? none;
    added.set(name, {
      lastMs: now(),
      messages: before.messages + messages,
      recipients: before.recipients + recipients,
      bytes: before.bytes + bytes,
    });
    timer ??= setTimeout(write, writeMs).unref();
  }

  return {
    heard: (name) => add(name, 0, 0, 0),
    sent: (name, recipients, bytes) => add(name, 1, recipients, bytes),
    close() {
      clearTimeout(timer);
      write();
    },
  };
}
