/**
 * Hosts that did not answer, or not in time: HOME/queue/lock/tcpto, which qmail-rspawn and qmail-remote share. A host that has
 * failed twice, the second time more than two minutes after the first, is left alone for about an hour; when it answers
 * it is forgotten. The file has lines of a fixed length, each of which is written in one piece; of two that are written
 * at once one counts. What is lost in that way is a strike, and never mail.
 *
 *     line = address SP strikes SP time *SP LF        time: milliseconds since 1970 UTC
 */
import { closeSync, constants, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname } from 'node:path';

export interface TimedOutHost {
  readonly address: string;
  /** Timeouts since it answered for the last time; those within two minutes count once. */
  readonly strikes: number;
  /** When the last of them was counted. */
  readonly lastMs: number;
}

export interface Timeouts {
  /** Whether the host is to be left alone. */
  isResting(address: string): boolean;
  timedOut(address: string): void;
  answered(address: string): void;
  list(): readonly TimedOutHost[];
  /** Forgets all of them. */
  clear(): void;
}

export interface TimeoutsOptions {
  /** Made if it is missing and can be made. Where it cannot be used, what is known is known to this process alone. */
  readonly path: string;
  readonly now: () => number;
  /** From 0 to 31: processes do not come back to a host all at the same time. */
  readonly spread: number;
}

const hostsMax = 256;

/** The longest address, two digits, sixteen digits, and what separates them. */
const lineBytes = 72;

const strikesToRest = 2;
const strikesMax = 10;
const strikeEveryMs = 120_000;

/** How long a host is left alone, for the spread of a process. */
export function restMs(spread: number): number {
  return (60 + (spread & 31)) * 64_000;
}

function parseLine(line: string): TimedOutHost | undefined {
  const [address = '', strikes, lastMs] = line.split(' ');
  const host = { address, strikes: Number(strikes), lastMs: Number(lastMs) };
  return isIP(address) !== 0 && host.strikes > 0 && Number.isSafeInteger(host.lastMs) ? host : undefined;
}

function formatLine(host: TimedOutHost | undefined): string {
  const text = host === undefined ? '' : `${host.address} ${host.strikes} ${host.lastMs}`;
  return `${text.padEnd(lineBytes - 1)}\n`;
}

/** Undefined when there is none, or it cannot be read. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').slice(0, hostsMax * lineBytes);
  } catch {
    return undefined;
  }
}

/** Answers whether that could be done. */
function writeLine(path: string, index: number, line: string): boolean {
  try {
    mkdirSync(dirname(path), 0o755);
  } catch {
    // It is there, or cannot be made, which shows in the next step.
  }
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o644);
    writeSync(file, line, index * lineBytes, 'latin1');
    return true;
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

export function openTimeouts({ path, now, spread }: TimeoutsOptions): Timeouts {
  const lines: (TimedOutHost | undefined)[] = new Array(hostsMax).fill(undefined);
  /** The file cannot be written: what it says is not what is known. */
  let isAlone = false;

  /** Reads what other processes have written. The file is not held open. */
  function refresh(): void {
    const text = isAlone ? undefined : readText(path);
    if (text === undefined) return;
    for (let index = 0; index < hostsMax; index += 1) {
      const start = index * lineBytes;
      lines[index] = start < text.length ? parseLine(text.slice(start, start + lineBytes)) : undefined;
    }
  }

  function set(index: number, host: TimedOutHost | undefined): void {
    lines[index] = host;
    isAlone ||= !writeLine(path, index, formatLine(host));
  }

  function find(address: string): number {
    return lines.findIndex((host) => host?.address === address);
  }

  /** A line for one more host: a free one, or that of the host whose timeout is longest ago. */
  function place(): number {
    let best = 0;
    for (const [index, host] of lines.entries()) {
      if (host === undefined) return index;
      if (host.lastMs < (lines[best]?.lastMs ?? 0)) best = index;
    }
    return best;
  }

  return {
    isResting(address) {
      refresh();
      const host = lines[find(address)];
      return host !== undefined && host.strikes >= strikesToRest && now() - host.lastMs < restMs(spread);
    },
    timedOut(address) {
      refresh();
      const index = find(address);
      const host = lines[index];
      if (host === undefined) set(place(), { address, strikes: 1, lastMs: now() });
      else if (now() - host.lastMs >= strikeEveryMs) {
        set(index, { address, strikes: Math.min(host.strikes + 1, strikesMax), lastMs: now() });
      }
    },
    answered(address) {
      const index = find(address);
      if (index >= 0) set(index, undefined);
    },
    list() {
      refresh();
      return lines.filter((host) => host !== undefined);
    },
    clear() {
      refresh();
      for (const [index, host] of lines.entries()) if (host !== undefined) set(index, undefined);
    },
  };
}
