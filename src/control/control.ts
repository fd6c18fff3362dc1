/**
 * Control files, as control.c of qmail reads them: one value or one list per file under HOME/control.
 *
 * A value is the first line without trailing blanks; leading blanks and CR stay; an empty file is an empty value.
 * A list is every line without trailing blanks, except empty lines and those that begin with '#'. A missing file
 * means the default; any other failure is an error that names the file.
 */
import {
  type ByteString,
  concatBytes,
  type Descriptor,
  errorCode,
  errorText,
  type System,
  SystemError,
  textOf,
} from '../system/index.ts';

/** Where the installation lives when $QMAILHOME does not say. */
const homeDefault = '/var/qmail';

/** A control file larger than this is a mistake. */
const controlBytesMax = 16 * 1024 * 1024;

const readBytes = 8192;

export function homeDirectory(system: System): ByteString {
  return system.env('QMAILHOME') || homeDefault;
}

function readAll(system: System, descriptor: Descriptor): ByteString {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for (;;) {
    const buffer = new Uint8Array(readBytes);
    const count = system.files.read(descriptor, buffer);
    if (count === 0) return textOf(concatBytes(parts));
    sizeBytes += count;
    if (sizeBytes > controlBytesMax) {
      throw new SystemError('EFBIG', `it is larger than ${controlBytesMax} bytes`);
    }
    parts.push(buffer.subarray(0, count));
  }
}

/** The whole of a file, or undefined when there is none. */
export function readWhole(system: System, path: ByteString): ByteString | undefined {
  let descriptor: Descriptor | undefined;
  try {
    descriptor = system.files.open(path, 'read');
    return readAll(system, descriptor);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new SystemError(errorCode(error), `unable to read ${path}: ${errorText(error)}`, error);
  } finally {
    if (descriptor !== undefined) system.files.close(descriptor);
  }
}

function trimTrailing(line: ByteString): ByteString {
  let end = line.length;
  while (end > 0 && ' \t\n'.includes(line.charAt(end - 1))) end -= 1;
  return line.slice(0, end);
}

/** The lines of a list file's text. */
export function parseList(text: ByteString): readonly ByteString[] {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map(trimTrailing)
    .filter((line) => line !== '');
}

/** Leading digits as a number, as scan_ulong reads them; undefined when there are none or too many. */
function parseNumber(text: ByteString): number | undefined {
  let end = 0;
  while (end < text.length && text.charAt(end) >= '0' && text.charAt(end) <= '9') end += 1;
  if (end === 0) return undefined;
  const value = Number(text.slice(0, end));
  return Number.isSafeInteger(value) ? value : undefined;
}

export interface Control {
  readonly directory: ByteString;
  /** The file's first line, or undefined when there is no such file. */
  line(name: string): ByteString | undefined;
  /** The file's first line, else control/me, else `literal`. */
  lineOrMe(name: string, literal?: ByteString): ByteString;
  /** A number, else `preset`: also when the file holds no number, as in qmail. */
  number(name: string, preset: number): number;
  /** The file's lines, or undefined when there is no such file. */
  list(name: string): readonly ByteString[] | undefined;
}

/** The control files under HOME/control. Nothing is kept: each call reads its file. */
export function openControl(system: System, home: ByteString = homeDirectory(system)): Control {
  const directory = `${home}/control`;
  const read = (name: string) => readWhole(system, `${directory}/${name}`);
  const line = (name: string) => {
    const text = read(name);
    if (text === undefined) return undefined;
    const end = text.indexOf('\n');
    return trimTrailing(end < 0 ? text : text.slice(0, end));
  };
  return {
    directory,
    line,
    lineOrMe: (name, literal = name) => line(name) ?? line('me') ?? literal,
    number: (name, preset) => parseNumber(line(name) ?? '') ?? preset,
    list: (name) => {
      const text = read(name);
      return text === undefined ? undefined : parseList(text);
    },
  };
}
