/**
 * Checks the store's invariants, and repairs what is safe to repair. A check only reads, and may run beside the process
 * that owns the store; a repair needs the queue's lock, and either does all that it says or nothing.
 *
 * What must hold: SQLite finds its file and its indexes sound; the tables are those of this version; each message's
 * counters are what counting its recipients says, and its chunks follow one another and are as long together as it is;
 * every recipient and chunk has its message; what is complete is not marked as incomplete; the tally is what counting
 * says; no number that is in use will be given out again; the memory of submissions holds keys of its own making.
 */
import { DatabaseSync } from 'node:sqlite';
import { errorText } from '../system/index.ts';
import type { Finding, StateCounts } from './finding.ts';
import { createRepairer, isStrangeMemory, type Repairer } from './repair.ts';
import {
  configureConnection,
  configureWriter,
  prepareSchema,
  schemaVersion,
  storedVersion,
} from './schema.ts';
import { type Walked, walkStore } from './walk.ts';

export interface CheckOptions {
  /** Whether to repair. The caller then holds the queue's lock. */
  readonly repair: boolean;
  readonly nowMs: number;
  /** Told each finding, and whether it was repaired. */
  readonly onFinding: (finding: Finding, repaired: boolean) => void;
}

export interface CheckResult {
  readonly messages: number;
  readonly recipients: number;
  /** Messages that are being received, or were when a hub was killed. */
  readonly incoming: number;
  readonly found: number;
  readonly repaired: number;
  /** What was found and is not repaired, or was found again after the repair. */
  readonly left: number;
}

const integrityLinesMax = 100;

/** How SQLite says that an index does not fit its table, while the table itself can be read. */
const indexComplaints = ['row ', 'wrong # of entries in index ', 'non-unique entry in index '];

const sound = 'ok';

function openStoreFile(path: string, readOnly: boolean): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly });
  try {
    configureConnection(database);
    const version = storedVersion(database);
    if (version !== schemaVersion) {
      throw new Error(
        `${path} has version ${version}, and this program checks version ${schemaVersion}: qmail-send brings an older one up to date when it starts`,
      );
    }
    if (!readOnly) configureWriter(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Says whether the file itself can be trusted. */
function* checkFile(database: DatabaseSync): Generator<Finding, boolean> {
  const rows = database.prepare(`PRAGMA integrity_check(${integrityLinesMax})`).all();
  const lines = rows.map((row) => String(Object.values(row)[0]));
  if (lines.length === 1 && lines[0] === sound) return true;
  const isIndexOnly = lines.every(
    (line) => indexComplaints.some((start) => line.startsWith(start)) && line.includes('index '),
  );
  for (const line of lines) {
    const text = `SQLite: ${line.replaceAll('\n', ' ')}`;
    yield isIndexOnly ? { text, repair: { kind: 'reindex' } } : { text };
  }
  return isIndexOnly;
}

interface SchemaObject {
  readonly type: string;
  readonly name: string;
  /** The table that it is, or belongs to. */
  readonly table: string;
  readonly sql: string;
}

function schemaOf(database: DatabaseSync): readonly SchemaObject[] {
  const rows = database
    .prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL')
    .all();
  return rows.map((row) => ({
    type: String(row['type']),
    name: String(row['name']),
    table: String(row['tbl_name']),
    sql: String(row['sql']),
  }));
}

/** What a new store has and this one has not. Says whether all tables are there. */
function* checkSchema(database: DatabaseSync): Generator<Finding, boolean> {
  const model = new DatabaseSync(':memory:');
  prepareSchema(model, 'a new store');
  const wanted = schemaOf(model);
  model.close();
  const names = new Set(schemaOf(database).map(({ name }) => name));
  let complete = true;
  for (const { type, name, table, sql } of wanted) {
    if (names.has(name)) continue;
    const text = `the ${type} ${name} is missing`;
    if (type === 'table') {
      complete = false;
      yield { text };
    } else if (names.has(table)) {
      yield { text, repair: { kind: 'createIndex', sql } };
    }
  }
  return complete;
}

function describe({ fresh, waiting, held, failed }: StateCounts): string {
  return `${fresh} fresh, ${waiting} waiting, ${held} held, ${failed} failed recipients`;
}

function* checkTally(database: DatabaseSync, { messages, states }: Walked): Iterable<Finding> {
  const repair = { kind: 'setTally', messages, states } as const;
  const [row, ...more] = database.prepare('SELECT * FROM tally').all();
  if (row === undefined || more.length > 0) {
    yield { text: `the tally has ${more.length + (row === undefined ? 0 : 1)} rows, not one`, repair };
    return;
  }
  const said = {
    fresh: Number(row['fresh']),
    waiting: Number(row['waiting']),
    held: Number(row['held']),
    failed: Number(row['failed']),
  };
  const counted = `${messages} messages, ${describe(states)}`;
  const tallied = `${Number(row['messages'])} messages, ${describe(said)}`;
  if (tallied !== counted) yield { text: `the tally says ${tallied}, and there are ${counted}`, repair };
}

function* checkNumbers(database: DatabaseSync, { lastId }: Walked): Iterable<Finding> {
  const rows = database.prepare('SELECT next_id FROM numbering').all();
  const nextId = Math.max(1, ...rows.map((row) => Number(row['next_id'])));
  const repair = { kind: 'setNextId', nextId: Math.max(nextId, lastId + 1) } as const;
  if (rows.length !== 1) {
    yield { text: `the next message number is there ${rows.length} times`, repair };
  } else if (nextId <= lastId) {
    yield { text: `the next message number is ${nextId}, and message ${lastId} exists`, repair };
  }
}

function* checkMemory(database: DatabaseSync): Iterable<Finding> {
  const row = database.prepare(`SELECT count(*) AS count FROM memory WHERE ${isStrangeMemory}`).get();
  const count = Number(row?.['count']);
  if (count > 0) {
    yield {
      text: `${count} of the submissions that are remembered have no possible key, number or time`,
      repair: { kind: 'forgetStrangeMemory' },
    };
  }
}

/** Everything that can be found, the worst first. Answers what was counted, or undefined when it cannot be. */
function* examine(database: DatabaseSync): Generator<Finding, Walked | undefined> {
  try {
    if (!(yield* checkFile(database)) || !(yield* checkSchema(database))) return undefined;
    database.exec('BEGIN');
    const walked = yield* walkStore(database);
    yield* checkTally(database, walked);
    yield* checkNumbers(database, walked);
    yield* checkMemory(database);
    return walked;
  } catch (error) {
    yield { text: `the store cannot be read to its end: ${errorText(error)}` };
    return undefined;
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK');
  }
}

interface Round {
  readonly walked: Walked | undefined;
  readonly found: number;
  readonly repaired: number;
}

function round(database: DatabaseSync, repairer: Repairer | undefined, options: CheckOptions): Round {
  const findings = examine(database);
  let found = 0;
  let repaired = 0;
  let reindexed = false;
  for (;;) {
    const next = findings.next();
    if (next.done) return { walked: next.value, found, repaired };
    found += 1;
    const { repair } = next.value;
    if (repair !== undefined && repairer !== undefined) {
      // One for all complaints about indexes.
      if (repair.kind !== 'reindex' || !reindexed) repairer.repair(repair);
      reindexed ||= repair.kind === 'reindex';
      repaired += 1;
    }
    options.onFinding(next.value, repair !== undefined && repairer !== undefined);
  }
}

function resultOf(walked: Walked | undefined, counts: Pick<CheckResult, 'found' | 'repaired' | 'left'>) {
  const { fresh, waiting, held, failed } = walked?.states ?? { fresh: 0, waiting: 0, held: 0, failed: 0 };
  return {
    messages: walked?.messages ?? 0,
    recipients: fresh + waiting + held + failed,
    incoming: walked?.incoming ?? 0,
    ...counts,
  };
}

/** SQLite's codes for a file that is damaged, and for one that is no database. */
const damagedCodes = [11, 26];

function isDamage(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && damagedCodes.includes(Number(error.errcode));
}

/** `path`: the store's file. Throws when it cannot be opened, is of another version, or cannot be written for a repair. */
export function checkStore(path: string, options: CheckOptions): CheckResult {
  try {
    return checkOpened(path, options);
  } catch (error) {
    if (!isDamage(error)) throw error;
    options.onFinding({ text: `SQLite: ${errorText(error)}` }, false);
    return resultOf(undefined, { found: 1, repaired: 0, left: 1 });
  }
}

function checkOpened(path: string, options: CheckOptions): CheckResult {
  const reader = openStoreFile(path, true);
  try {
    if (!options.repair) {
      const { walked, found } = round(reader, undefined, options);
      return resultOf(walked, { found, repaired: 0, left: found });
    }
    const writer = openStoreFile(path, false);
    const repairer = createRepairer(writer, options.nowMs);
    try {
      const first = round(reader, repairer, options);
      repairer.commit();
      if (first.found === 0) return resultOf(first.walked, { found: 0, repaired: 0, left: 0 });
      const second = round(reader, undefined, { ...options, onFinding: () => undefined });
      return resultOf(second.walked, { found: first.found, repaired: first.repaired, left: second.found });
    } finally {
      repairer.rollback();
      writer.close();
    }
  } finally {
    reader.close();
  }
}
