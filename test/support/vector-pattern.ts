/**
 * The parts of a recorded answer that change from run to run. A recorded text is a template: <DATE>, <PID> and their
 * like stand for anything of that form, every other byte for itself. Places such as <HOME> are put into inputs, and
 * back into what came out.
 */

const placeholders: Readonly<Record<string, string>> = {
  '<DATE>': '\\d{1,2} [A-Z][a-z]{2} \\d{4} \\d{2}:\\d{2}:\\d{2} [-+]\\d{4}',
  '<CTIME>': '[A-Z][a-z]{2} [A-Z][a-z]{2} [ \\d]\\d \\d{2}:\\d{2}:\\d{2} \\d{4}',
  '<MSGID>': '\\d{14}\\.\\d+\\.qmail',
  '<PID>': '\\d+',
  '<TIME>': '\\d+(?:\\.\\d+)?',
  '<UID>': '\\d+',
  '<GID>': '\\d+',
  '<INO>': '\\d+',
  '<INO%23>': '\\d+',
  '<MSG>': '\\d+',
  '<LEN>': '\\d+',
  '<UNIQ>': '[^/\\s]+',
};

function pattern(template: string): RegExp {
  const parts = template.split(/(<[A-Z][A-Z0-9%]*>)/);
  const source = parts.map((part) => placeholders[part] ?? part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return new RegExp(`^${source.join('')}$`, 's');
}

/** Whether a text is what the recorded one stands for. */
export function matchesTemplate(template: string, text: string): boolean {
  return template === text || (template.includes('<') && pattern(template).test(text));
}

function settleKey(recorded: object, key: string): string {
  if (Object.hasOwn(recorded, key)) return key;
  return Object.keys(recorded).find((candidate) => matchesTemplate(candidate, key)) ?? key;
}

/** `actual` with every text that the recorded one stands for replaced by it, so that the two compare as equal. */
export function settle(recorded: unknown, actual: unknown): unknown {
  if (typeof recorded === 'string' && typeof actual === 'string') {
    return matchesTemplate(recorded, actual) ? recorded : actual;
  }
  if (Array.isArray(recorded) && Array.isArray(actual)) {
    return actual.map((value, index) => settle(recorded[index], value));
  }
  if (isRecord(recorded) && isRecord(actual)) {
    const entries = Object.entries(actual).map(([key, value]): [string, unknown] => {
      const name = settleKey(recorded, key);
      return [name, settle(recorded[name], value)];
    });
    return Object.fromEntries(entries);
  }
  return actual;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands for each place: { '<HOME>': '/tmp/...' }. */
export type Places = Readonly<Record<string, string>>;

function replaceTexts<Value>(value: Value, replace: (text: string) => string): Value {
  const walk = (part: unknown): unknown => {
    if (typeof part === 'string') return replace(part);
    if (Array.isArray(part)) return part.map(walk);
    if (!isRecord(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [replace(key), walk(inner)]));
  };
  return walk(value) as Value;
}

/** A case's inputs with the real places in them. */
export function withPlaces<Value>(value: Value, places: Places): Value {
  const pairs = Object.entries(places);
  return replaceTexts(value, (text) =>
    pairs.reduce((done, [name, place]) => done.replaceAll(name, place), text),
  );
}

/** What came out, with the places' names in it again; the longest place first, since one may lie in another. */
export function withoutPlaces<Value>(value: Value, places: Places): Value {
  const pairs = Object.entries(places).sort(([, one], [, other]) => other.length - one.length);
  return replaceTexts(value, (text) =>
    pairs.reduce((done, [name, place]) => done.replaceAll(place, name), text),
  );
}

/** The enhanced status codes (RFC 3463) in a text, in order: what must agree where the wording need not. */
export function enhancedCodes(text: unknown): readonly string[] {
  return typeof text === 'string' ? (text.match(/\(#\d+\.\d+\.\d+\)/g) ?? []) : [];
}
