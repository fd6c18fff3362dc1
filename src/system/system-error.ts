/** Errors of the world outside: what was attempted, on what, and the C library's name of the reason. */

export class SystemError extends Error {
  /** ENOENT, EACCES, ECONNREFUSED ... */
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SystemError';
    this.code = code;
  }
}

/** The other side has ended and has not read all that was written: it cannot have handed on the last of it. */
export class UnreadError extends SystemError {}

/** The code of a SystemError, or '' for any other value. */
export function errorCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return '';
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
