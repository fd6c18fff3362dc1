/**
 * Remembers answers for a while, and how many is bounded: the oldest go first. Who asks while the same question is
 * being answered waits for that answer. A failure is told to those who waited for it, and is not remembered.
 */

export interface Memory {
  /** How long an answer counts, from when it was asked for. */
  readonly rememberMs: number;
  readonly entriesMax: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

interface Entry<Answer> {
  readonly answer: Promise<Answer>;
  readonly askedMs: number;
  answered: boolean;
}

export function remember<Answer>(
  ask: (question: string) => Promise<Answer>,
  { rememberMs, entriesMax, now }: Memory,
): (question: string) => Promise<Answer> {
  // In the order in which they were asked: a Map keeps it.
  const entries = new Map<string, Entry<Answer>>();

  return (question) => {
    const known = entries.get(question);
    if (known !== undefined && (!known.answered || now() - known.askedMs < rememberMs)) return known.answer;
    const entry: Entry<Answer> = { answer: ask(question), askedMs: now(), answered: false };
    entries.delete(question);
    entries.set(question, entry);
    if (entries.size > entriesMax) {
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        break;
      }
    }
    entry.answer.then(
      () => {
        entry.answered = true;
      },
      () => {
        if (entries.get(question) === entry) entries.delete(question);
      },
    );
    return entry.answer;
  };
}
