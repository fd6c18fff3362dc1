/**
 * Judges whom a message is from, by SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489), and says so in a field for its top:
 * Authentication-Results (RFC 8601). What is over the limits is not judged, and that is said; what cannot be found out in
 * time is a temporary error.
 */
import { Resolver } from 'node:dns/promises';
import { Readable } from 'node:stream';
import { fieldName, type MessageBody, tokenise } from '../mail/index.ts';
import { type ByteString, byteStringOf, lowerAscii, printable } from '../system/index.ts';

export const judgeLimits = {
  /** A header that is longer, or has more lines or signatures, is not judged. */
  headerBytesMax: 262_144,
  headerLinesMax: 4096,
  signaturesMax: 10,
  /** Of one line of the body. */
  lineBytesMax: 1_048_576,
  /** In all. */
  judgeMsMax: 30_000,
  /** Of one question to DNS, and how often it is asked. */
  questionMs: 5_000,
  questionTries: 2,
} as const;

export interface JudgedMessage {
  readonly body: MessageBody;
  readonly fields: readonly ByteString[];
  readonly ip: ByteString;
  /** What the client called itself. */
  readonly helo: ByteString | undefined;
  readonly sender: ByteString;
  /** Whose judgement it is: the authserv-id. */
  readonly name: ByteString;
}

/** Bytes of what is said of one method, and how many are told. */
const rowBytesMax = 500;
const rowsMax = 14;

const lineFeed = 10;

class TooLong extends Error {}

/** With CR LF, as it was on the wire. Throws for a line over the limit. */
function* wireOf(body: MessageBody): Generator<Buffer> {
  let lineBytes = 0;
  for (const piece of body.chunks()) {
    const last = piece.lastIndexOf(lineFeed);
    lineBytes = last < 0 ? lineBytes + piece.length : piece.length - last;
    if (lineBytes > judgeLimits.lineBytesMax) throw new TooLong('a line is too long');
    yield Buffer.from(Buffer.from(piece).toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
  }
}

/** Why the signatures are not looked at, if they are not. */
function overLimits(fields: readonly ByteString[]): string | undefined {
  let bytes = 0;
  let lines = 0;
  for (const field of fields) {
    bytes += field.length;
    lines += field.split('\n').length - 1;
  }
  const { headerBytesMax, headerLinesMax, signaturesMax } = judgeLimits;
  if (bytes > headerBytesMax || lines > headerLinesMax) return 'the header is too long';
  const signatures = fields.filter((field) => fieldName(field) === 'dkim-signature').length;
  return signatures > signaturesMax ? 'too many signatures' : undefined;
}

/** `servers`: ADDRESS or ADDRESS:PORT, in place of those of /etc/resolv.conf. */
export function createQuestions(
  servers?: readonly string[],
): (name: string, type: string) => Promise<unknown> {
  const dns = new Resolver({ timeout: judgeLimits.questionMs, tries: judgeLimits.questionTries });
  if (servers !== undefined) dns.setServers(servers);
  return (name, type) => dns.resolve(name, type);
}

export type Questions = ReturnType<typeof createQuestions>;

async function rowsOf(message: JudgedMessage, questions: Questions): Promise<readonly string[]> {
  const { judge } = await import('./mailauth.ts');
  const { ip, helo, sender, name } = message;
  const common = {
    ip,
    helo: helo || `[${ip}]`,
    sender,
    name,
    resolver: questions,
    spfMsMax: judgeLimits.judgeMsMax,
  };
  const unsigned = async (why: string) => [
    `dkim=policy (${why})`,
    ...(await judge({ ...common, message: undefined })),
  ];
  const why = overLimits(message.fields);
  if (why !== undefined) return await unsigned(why);
  try {
    return await judge({ ...common, message: Readable.from(wireOf(message.body), { objectMode: false }) });
  } catch (error) {
    if (error instanceof TooLong) return await unsigned(error.message);
    throw error;
  }
}

/** The field, with LF. Never rejects. */
export async function authenticationResults(
  message: JudgedMessage,
  questions: Questions,
): Promise<ByteString> {
  const late = Promise.withResolvers<undefined>();
  const clock = setTimeout(late.resolve, judgeLimits.judgeMsMax, undefined);
  const rows = await Promise.race([rowsOf(message, questions).catch(() => undefined), late.promise]);
  clearTimeout(clock);
  const said = rows ?? ['spf=temperror', 'dkim=temperror', 'dmarc=temperror'];
  const lines = said.slice(0, rowsMax).map((row) => printable(byteStringOf(row), rowBytesMax));
  return `Authentication-Results: ${[message.name, ...lines].join(';\n  ')}\n`;
}

/**
 * Whether a field claims to be a judgement of that name, which nobody but its owner may make (RFC 8601 5). One that cannot be
 * read is taken for such a one.
 */
export function isOwnResult(field: ByteString, name: ByteString): boolean {
  if (fieldName(field) !== 'authentication-results') return false;
  const tokens = tokenise(field.slice(field.indexOf(':') + 1));
  if (tokens === undefined) return true;
  let id = '';
  let afterWord = false;
  for (const { kind, text } of tokens) {
    if (kind === 'comment') continue;
    const isWord = kind === 'atom' || kind === 'quoted';
    // A second word is the version.
    if ((isWord && afterWord) || (!isWord && kind !== '.')) break;
    afterWord = isWord;
    id += text;
  }
  return lowerAscii(id) === lowerAscii(name);
}
