/**
 * Counters, gauges and histograms of this process, in the text format of Prometheus, version 0.0.4:
 *
 *     line   = "# HELP " name " " text LF / "# TYPE " name " " type LF / sample LF
 *     sample = name [ "{" label *( "," label ) "}" ] " " value
 *     label  = name "=" DQUOTE value DQUOTE
 *
 * Each is declared once, beside the code that counts, with its help text. A label's values are declared with it: none
 * comes from a peer, so there are never more series than the source names.
 */

/** The names of labels, and for each the values that it may have. */
export type LabelSet = Readonly<Record<string, readonly string[]>>;

/** One value for each label. */
export type Labels<Set extends LabelSet> = { readonly [Name in keyof Set]: Set[Name][number] };

export interface Counter {
  /** Counts `by` more, 1 without it. */
  add(by?: number): void;
}

export interface Gauge {
  set(value: number): void;
  /** Changes it by `by`, which may be negative. */
  add(by: number): void;
}

export interface Histogram {
  /** Counts a value in the unit of the name. */
  observe(value: number): void;
}

/** A metric with labels has one series for each combination of their values. */
export interface Family<Set extends LabelSet, Series> {
  with(labels: Labels<Set>): Series;
}

type Type = 'counter' | 'gauge' | 'histogram';

interface Declared {
  readonly type: Type;
  readonly help: string;
  /** The samples' lines. */
  lines(): readonly string[];
}

const declared = new Map<string, Declared>();
const collectors = new Set<() => void>();

const letters = 'abcdefghijklmnopqrstuvwxyz';

/** Letters, digits and underscores, a letter first: what Prometheus takes everywhere. */
function isName(text: string): boolean {
  return (
    text !== '' &&
    letters.includes(text.charAt(0)) &&
    [...text].every((char) => `${letters}0123456789_`.includes(char))
  );
}

function declare(name: string, metric: Declared, labelNames: readonly string[] = []): void {
  const wrong = [name, ...labelNames].find((text) => !isName(text));
  if (wrong !== undefined) throw new Error(`${wrong} is no name of a metric or label`);
  if (declared.has(name)) throw new Error(`the metric ${name} is declared twice`);
  declared.set(name, metric);
}

function escaped(text: string, alsoQuote: boolean): string {
  const plain = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return alsoQuote ? plain.replaceAll('"', '\\"') : plain;
}

type Pair = readonly [name: string, value: string];
type Pairs = readonly Pair[];

function sample(name: string, pairs: Pairs, value: number): string {
  const labels = pairs.map(([label, text]) => `${label}="${escaped(text, true)}"`).join(',');
  return `${name}${labels === '' ? '' : `{${labels}}`} ${value}`;
}

interface Cell {
  add(by?: number): void;
  set(value: number): void;
  readonly value: number;
}

function makeCell(): Cell {
  let value = 0;
  return {
    add(by = 1) {
      value += by;
    },
    set(next) {
      value = next;
    },
    get value() {
      return value;
    },
  };
}

/** Every combination of the labels' values. */
function combinations(labels: LabelSet): readonly Pairs[] {
  return Object.entries(labels).reduce<readonly Pairs[]>(
    (made, [name, values]) =>
      made.flatMap((pairs) => values.map((value): Pairs => [...pairs, [name, value]])),
    [[]],
  );
}

function single(type: Type, name: string, help: string): Cell {
  const cell = makeCell();
  declare(name, { type, help, lines: () => [sample(name, [], cell.value)] });
  return cell;
}

function family<const Set extends LabelSet>(
  type: Type,
  name: string,
  help: string,
  labels: Set,
): Family<Set, Cell> {
  const names = Object.keys(labels);
  const series = combinations(labels).map((pairs) => ({ pairs, cell: makeCell() }));
  const byValues = new Map(
    series.map(({ pairs, cell }) => [pairs.map(([, value]) => value).join('\0'), cell]),
  );
  const lines = () => series.map(({ pairs, cell }) => sample(name, pairs, cell.value));
  declare(name, { type, help, lines }, names);
  return {
    with(values) {
      const wanted = names.map((label) => values[label]).join('\0');
      const cell = byValues.get(wanted);
      if (cell === undefined) throw new Error(`${name} has no series ${wanted.replaceAll('\0', ', ')}`);
      return cell;
    },
  };
}

/** What only grows. The name ends in _total. */
export function counter(name: string, help: string): Counter {
  return single('counter', name, help);
}

export function counters<const Set extends LabelSet>(
  name: string,
  help: string,
  labels: Set,
): Family<Set, Counter> {
  return family('counter', name, help, labels);
}

/** What grows and shrinks. */
export function gauge(name: string, help: string): Gauge {
  return single('gauge', name, help);
}

export function gauges<const Set extends LabelSet>(
  name: string,
  help: string,
  labels: Set,
): Family<Set, Gauge> {
  return family('gauge', name, help, labels);
}

/** How values are distributed. `bounds`: the upper ends of the buckets, growing. */
export function histogram(name: string, help: string, bounds: readonly number[]): Histogram {
  const counts = bounds.map(() => 0);
  let count = 0;
  let sum = 0;
  declare(name, {
    type: 'histogram',
    help,
    lines() {
      let below = 0;
      const buckets = bounds.map((bound, index) => {
        below += counts[index] ?? 0;
        return sample(`${name}_bucket`, [['le', String(bound)]], below);
      });
      return [
        ...buckets,
        sample(`${name}_bucket`, [['le', '+Inf']], count),
        sample(`${name}_sum`, [], sum),
        sample(`${name}_count`, [], count),
      ];
    },
  });
  return {
    observe(value) {
      const index = bounds.findIndex((bound) => value <= bound);
      if (index >= 0) counts[index] = (counts[index] ?? 0) + 1;
      count += 1;
      sum += value;
    },
  };
}

/** Calls `collect` before each reading, to set gauges that nobody keeps. Answers what ends that. */
export function beforeReading(collect: () => void): () => void {
  collectors.add(collect);
  return () => {
    collectors.delete(collect);
  };
}

/** All of them, in the order of their names. */
export function metricsText(): string {
  for (const collect of collectors) collect();
  const lines = [...declared]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, { type, help, lines: samples }]) => [
      `# HELP ${name} ${escaped(help, false)}`,
      `# TYPE ${name} ${type}`,
      ...samples(),
    ]);
  return `${lines.join('\n')}\n`;
}
