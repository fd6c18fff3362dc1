/** What is used of a file of mailauth's that comes without types. */
declare module 'mailauth/lib/tools.js' {
  export interface ParsedHeader {
    readonly parsed: readonly { readonly key: string; readonly line: Buffer }[];
    readonly original: Buffer;
  }

  /** `header`: the fields, with CR LF or LF. */
  export function parseHeaders(header: Buffer): ParsedHeader;
}
