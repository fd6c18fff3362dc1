/**
 * Reads the text format of Prometheus, version 0.0.4, strictly: what a lenient monitor would let pass is an error here.
 * Written from the format's description and apart from the code that it judges.
 */

export interface ReadMetric {
  readonly type: string;
  readonly help: string;
  /** By the sample's name with its labels as they stand there. */
  readonly samples: ReadonlyMap<string, number>;
}

const namePattern = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const helpLine = new RegExp(`^# HELP (${namePattern}) (.*)$`);
const typeLine = new RegExp(`^# TYPE (${namePattern}) (counter|gauge|histogram)$`);
const label = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
const sampleLine = new RegExp(
  `^(${namePattern})((?:\\{${label}(?:,${label})*\\})?) (-?[0-9.]+(?:e[+-]?[0-9]+)?)$`,
);

function fail(lineNumber: number, line: string, why: string): never {
  throw new Error(`line ${lineNumber}: ${why}: ${line}`);
}

/** The names that the samples of a metric may have. */
function sampleNames(name: string, type: string): readonly string[] {
  return type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
}

/** Buckets grow, and the last holds everything. */
function checkHistogram(name: string, samples: ReadonlyMap<string, number>): void {
  const buckets = [...samples].filter(([key]) => key.startsWith(`${name}_bucket{`));
  const bounds = buckets.map(([key]) => key.slice(`${name}_bucket{le="`.length, -2));
  const counts = buckets.map(([, count]) => count);
  const isGrowing = (values: readonly number[]) =>
    values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0));
  const isComplete = bounds.at(-1) === '+Inf' && counts.at(-1) === samples.get(`${name}_count`);
  if (!isComplete || !isGrowing(counts) || !isGrowing(bounds.slice(0, -1).map(Number))) {
    throw new Error(`${name} is no histogram: ${JSON.stringify([...samples])}`);
  }
  if (samples.get(`${name}_sum`) === undefined) throw new Error(`${name} has no sum`);
}

/** Throws at the first line that is not as it must be. */
export function readMetrics(text: string): ReadonlyMap<string, ReadMetric> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const metrics = new Map<string, ReadMetric>();
  const lines = text.slice(0, -1).split('\n');
  let help: { readonly name: string; readonly text: string } | undefined;
  let current:
    | { readonly name: string; readonly type: string; readonly samples: Map<string, number> }
    | undefined;
  for (const [index, line] of lines.entries()) {
    const complain = (why: string) => fail(index + 1, line, why);
    const [, helpName, helpText] = helpLine.exec(line) ?? [];
    const [, typeName, type] = typeLine.exec(line) ?? [];
    const [, sampleName, labels = '', value] = sampleLine.exec(line) ?? [];
    if (helpName !== undefined && helpText !== undefined) {
      if (help !== undefined) complain('two helps follow one another');
      if (helpText.trim() === '') complain('the help says nothing');
      help = { name: helpName, text: helpText };
    } else if (typeName !== undefined && type !== undefined) {
      if (help?.name !== typeName) complain('the type does not follow its help');
      if (metrics.has(typeName)) complain('a metric comes twice');
      if (type === 'counter' && !typeName.endsWith('_total')) complain('a counter ends in _total');
      const samples = new Map<string, number>();
      metrics.set(typeName, { type, help: help?.text ?? '', samples });
      current = { name: typeName, type, samples };
      help = undefined;
    } else if (sampleName !== undefined) {
      if (current === undefined || help !== undefined) fail(index + 1, line, 'a sample has no type');
      if (!sampleNames(current.name, current.type).includes(sampleName))
        complain('a sample of another metric');
      const key = `${sampleName}${labels}`;
      if (current.samples.has(key)) complain('a series comes twice');
      const number = Number(value);
      if (!Number.isFinite(number)) complain('no number');
      if (current.type !== 'gauge' && number < 0) complain('it cannot be negative');
      current.samples.set(key, number);
    } else {
      complain('no help, no type and no sample');
    }
  }
  if (help !== undefined) throw new Error(`${help.name} has a help and no type`);
  for (const [name, { type, samples }] of metrics) {
    if (samples.size === 0) throw new Error(`${name} has no sample`);
    if (type === 'histogram') checkHistogram(name, samples);
  }
  return metrics;
}

/** One series of a metric, as `name` or `name{label="value"}`. */
export function readSeries(metrics: ReadonlyMap<string, ReadMetric>, series: string): number {
  for (const { samples } of metrics.values()) {
    const value = samples.get(series);
    if (value !== undefined) return value;
  }
  throw new Error(`there is no ${series}`);
}
