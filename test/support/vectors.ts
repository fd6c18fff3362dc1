/**
 * Compatibility with qmail, judged by what the C programs answered. Each file of the vectors folder holds cases for
 * one program; a test file runs them against ours, and everything that differs fails, unless a rule says that, and
 * why, we deviate. A rule judges by the case's data, so that other sets of the same form run through it too.
 *
 * The folder is $VECTORS, else ../shared/vectors beside the tree. Without it, or without the file, the cases are skipped.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Body, bodies, inBody, leftOut, nameIn } from './bodies.ts';
import { enhancedCodes, settle } from './vector-pattern.ts';

/** Observed fields, named as the file names them: exit, stdout, stderr, msg_out, env_out ... */
export type Outcome = Readonly<Record<string, unknown>>;

export interface Rule<Case> {
  /** Which document asks for the deviation, and what it is good for. */
  readonly reason: string;
  applies(vector: Case): boolean;
  /** The fields that must be observed instead of the recorded ones. May throw when `actual` cannot be right. */
  expect(vector: Case, actual: Outcome): Outcome;
}

export interface VectorFile<Case> {
  /** sendmail.json */
  readonly file: string;
  /** Runs our program on the case. The fields that it returns are compared with those that were recorded. */
  run(vector: Case): Promise<object>;
  /** What of a field must agree, when it is not the whole. For stderr that is its enhanced codes. */
  readonly views?: Readonly<Record<string, (value: unknown) => unknown>>;
  readonly rules?: readonly Rule<Case>[];
  /** Which cases of the file are run, when it holds some of other programs that have tests of their own. */
  readonly covers?: (vector: Case) => boolean;
  /** The program is one of the satellite's: the cases are run in each of its bodies. */
  readonly satellite?: boolean;
  /** Cases that run at the same time. */
  readonly concurrency?: number;
}

export interface NamedCase {
  readonly name: string;
}

const top = fileURLToPath(new URL('../../', import.meta.url));

/** Where a file of vectors is, whether it exists or not. */
export function vectorPath(file: string): string {
  const folder = process.env['VECTORS'] || `${top}../shared/vectors`;
  return `${folder}/${file}`;
}

export type Judgement = 'agree' | 'deviate' | 'differ';

/** Compares one outcome with what was recorded, then with what the rules ask for. Never throws. */
export function judge<Case extends object>(
  vector: Case,
  actual: Outcome,
  { rules = [], views = {} }: Pick<VectorFile<Case>, 'rules' | 'views'>,
): { readonly judgement: Judgement; readonly reasons: readonly string[]; readonly error?: unknown } {
  const view: typeof views = { stderr: enhancedCodes, ...views };
  const recorded = { ...vector } as Outcome;
  const compare = (expected: Outcome) => {
    const fields = Object.keys(actual).filter((field) => expected[field] !== undefined);
    ok(fields.length > 0, 'the case records no field that the run returned');
    const seen = (from: Outcome) =>
      Object.fromEntries(fields.map((field) => [field, (view[field] ?? ((value) => value))(from[field])]));
    deepStrictEqual(settle(seen(expected), seen(actual)), seen(expected));
  };
  try {
    compare(recorded);
    return { judgement: 'agree', reasons: [] };
  } catch (difference) {
    const applied = rules.filter((rule) => rule.applies(vector));
    const reasons = applied.map((rule) => rule.reason);
    if (applied.length === 0) return { judgement: 'differ', reasons, error: difference };
    try {
      compare(Object.assign({}, recorded, ...applied.map((rule) => rule.expect(vector, actual))));
      return { judgement: 'deviate', reasons };
    } catch (error) {
      return { judgement: 'differ', reasons, error };
    }
  }
}

/** Registers the cases of one file as tests. */
export function vectors<Case extends NamedCase>(file: VectorFile<Case>): void {
  const path = vectorPath(file.file);
  if (!existsSync(path)) {
    test(`vectors ${file.file}`, { skip: `${path} does not exist; $VECTORS names the folder` }, () => {});
    return;
  }
  const all = JSON.parse(readFileSync(path, 'utf8')) as readonly Case[];
  const cases = all.filter(file.covers ?? (() => true));
  for (const body of file.satellite ? bodies : bodies.slice(0, 1)) register(file, cases, body);
}

function register<Case extends NamedCase>(file: VectorFile<Case>, cases: readonly Case[], body: Body): void {
  const title = nameIn(body, file.file);
  const count: Record<Judgement, number> = { agree: 0, deviate: 0, differ: 0 };
  const deviations = new Map<string, number>();
  describe(`vectors ${title}`, { concurrency: file.concurrency ?? 2, skip: leftOut(body, file.file) }, () => {
    for (const vector of cases) {
      test(vector.name, { skip: leftOut(body, vector.name) }, async () => {
        let judgement: Judgement = 'differ';
        try {
          const judged = judge(vector, { ...(await inBody(body, () => file.run(vector))) }, file);
          if (judged.judgement === 'differ') throw judged.error;
          judgement = judged.judgement;
          for (const reason of judged.reasons) deviations.set(reason, (deviations.get(reason) ?? 0) + 1);
        } finally {
          count[judgement] += 1;
        }
      });
    }
    after(() => {
      const { agree, deviate, differ } = count;
      console.log(`${title}: ${agree} agree, ${deviate} deviate by rule, ${differ} differ`);
      for (const [reason, times] of deviations) console.log(`  ${times} by rule: ${reason}`);
    });
  });
}
