/** What is wrong with a store, in words that name its file: SQLite's own errors name none. */
import { errorText } from '../system/index.ts';

export function storeProblem(path: string, error: unknown): string {
  const text = errorText(error);
  return text.includes(path) ? text : `${path}: ${text}`;
}

/** What `work` answers. When it throws, the error names the store. */
export function namingStore<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new Error(storeProblem(path, error), { cause: error });
  }
}
