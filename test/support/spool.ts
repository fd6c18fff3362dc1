/** Spools with messages in them, and flushes of them in this process. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { formatPackage } from '../../qmqp/index.ts';
import { type Entry, parseSpoolName } from '../../src/satellite/entry-name.ts';
import { readSpoolSettings, type SpoolSettings } from '../../src/satellite/index.ts';
import { keepPackage } from '../../src/satellite/keep.ts';
import { type FlushOptions, type FlushResult, flushSpool } from '../../src/satellite/later.ts';
import { bytesOf, type System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from './home.ts';

export interface TestSpool {
  readonly home: string;
  readonly system: System;
  readonly settings: SpoolSettings;
  /** Keeps a message with this text; `nowMs` is when. */
  keep(text: string, own?: { sender?: string; unknownAt?: readonly string[]; nowMs?: number }): Entry;
  flush(own?: Partial<FlushOptions>, system?: Partial<System>): Promise<FlushResult>;
  /** Names in one of its directories, sorted. */
  names(directory?: 'queue' | 'failed' | 'hubs'): readonly string[];
  entries(): readonly Entry[];
  contents(directory?: 'queue' | 'failed'): readonly string[];
}

export const flushOptions: FlushOptions = {
  parallel: 4,
  limit: Number.POSITIVE_INFINITY,
  waitMs: 0,
  now: true,
};

export function testSpool(
  hubs: readonly string[],
  controls: Readonly<Record<string, string>> = {},
): TestSpool {
  const home = temporaryHome({
    me: 'box.test\n',
    qmqpservers: hubs.map((hub) => `${hub}\n`).join(''),
    timeoutremote: '1\n',
    spool: 'spool\n',
    ...controls,
  });
  const system: System = {
    ...nodeSystem([]),
    env: (name) => (name === 'QMAILHOME' ? home : undefined),
  };
  const settings = readSpoolSettings(system);
  if (settings === undefined) throw new Error('there is no spool');
  const names = (directory: 'queue' | 'failed' | 'hubs' = 'queue') => {
    const path = `${settings.directory}/${directory}`;
    return existsSync(path) ? readdirSync(path).sort() : [];
  };
  return {
    home,
    system,
    settings,
    keep(text, { sender = 's@x', unknownAt = [], nowMs = Date.now() } = {}) {
      const pack = formatPackage(
        { sizeBytes: text.length, chunks: () => [bytesOf(text)] },
        { sender, recipients: ['r@y'] },
      );
      return keepPackage({ ...system, now: () => nowMs }, settings, pack, unknownAt);
    },
    flush: (own = {}, other = {}) =>
      flushSpool({ ...system, ...other }, settings, { ...flushOptions, ...own }),
    names,
    entries: () =>
      names().flatMap((name) => {
        const found = parseSpoolName(name);
        return found.kind === 'entry' ? [found.entry] : [];
      }),
    contents: (directory = 'queue') =>
      names(directory).map((name) => readFileSync(`${settings.directory}/${directory}/${name}`, 'latin1')),
  };
}
