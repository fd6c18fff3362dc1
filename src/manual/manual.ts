/** What a program, or the format of a file, says of itself. A program's option table, --help and its manual page all come from this one value. */

export interface OptionManual {
  /** -f */
  readonly letter?: string;
  /** More letters that mean the same. */
  readonly aliases?: string;
  /** --sender; where a program has letters only, the name is internal and is not shown. */
  readonly name: string;
  /** The name of its value; an option without one is a switch. */
  readonly value?: string;
  /** May be given several times. */
  readonly repeated?: boolean;
  /** Its value may be left out, and is only taken when it is attached: -q, -q15m. */
  readonly attachedOnly?: boolean;
  /** Accepted by letter only: --help and the manual page do not show the long form. */
  readonly letterOnly?: boolean;
  readonly text: string;
}

/** A term and what is said of it. */
export type Entry = readonly [term: string, text: string];

export interface Manual {
  readonly name: string;
  /** 5 is the page of a file's format, which is no program's. */
  readonly section: 1 | 5 | 8;
  /** Completes "name - ..." */
  readonly purpose: string;
  /** What follows the name on the command line, one entry per form; a format has none. */
  readonly synopsis: readonly string[];
  /** Paragraphs. */
  readonly description: readonly string[];
  readonly options?: readonly OptionManual[];
  readonly environment?: readonly Entry[];
  /** Files under control/, with their defaults. */
  readonly controls?: readonly Entry[];
  readonly exitCodes: readonly Entry[];
  /** Named limits and their values. */
  readonly limits?: readonly Entry[];
  readonly bugs?: readonly string[];
  readonly seeAlso?: readonly string[];
}
