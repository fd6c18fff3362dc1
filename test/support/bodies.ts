/**
 * The bodies of the satellite's programs: the executable on Node, and the native one. A test that starts such a program is
 * registered once for each of them, and what it starts then is that body's. What the native one leaves out stands in
 * body-exceptions.ts, with reasons.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, type TestOptions, test } from 'node:test';
import { exceptionOf } from './body-exceptions.ts';
import { satelliteCommand } from './entry-points.ts';
import { top } from './top.ts';

export interface Body {
  readonly name: 'node' | 'tiny';
  /** Words before a program's name, for whom the sources are as good as what is made of them. */
  readonly command: readonly string[];
  /** What `npm run build` or `npm run build:tiny` makes. */
  readonly executable: string;
  /** For the options of a test: why it cannot run, or false. */
  readonly missing: string | false;
}

const tiny = join(top, 'dist/mini-qmail-tiny');

const nodeBody: Body = {
  name: 'node',
  command: satelliteCommand,
  executable: join(top, 'dist/mini-qmail-satellite'),
  missing: false,
};

export const bodies: readonly Body[] = [
  nodeBody,
  {
    name: 'tiny',
    command: [tiny],
    executable: tiny,
    missing: !existsSync(tiny) && 'dist/mini-qmail-tiny is missing: run npm run build:tiny first',
  },
];

const current = new AsyncLocalStorage<Body>();

/** The body of the test that calls; Node's outside of such a test. */
export function currentBody(): Body {
  return current.getStore() ?? nodeBody;
}

/** Runs something in a body. */
export function inBody<Result>(body: Body, run: () => Result): Result {
  return current.run(body, run);
}

type Run = (context: TestContext) => void | Promise<void>;

/** Why a test is not run in a body, or false. */
export function leftOut(body: Body, name: string): string | false {
  return body.missing || (body.name === 'tiny' && (exceptionOf(name) ?? false));
}

/** What a test is called in a body. */
export function nameIn(body: Body, name: string): string {
  return body.name === 'node' ? name : `${name} [${body.name}]`;
}

/** Registers a test for each body. */
export function eachBody(name: string, run: Run): void;
export function eachBody(name: string, options: TestOptions, run: Run): void;
export function eachBody(name: string, first: TestOptions | Run, second?: Run): void {
  const [options, run] = second === undefined ? [{}, first as Run] : [first as TestOptions, second];
  for (const body of bodies) {
    const skip = options.skip || leftOut(body, name);
    test(nameIn(body, name), { ...options, skip }, (context) => inBody(body, () => run(context)));
  }
}
