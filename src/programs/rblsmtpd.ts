/** rblsmtpd: stands in front of an SMTP server and turns away who is on a list in DNS. */
import { type Manual, usage } from '../manual/index.ts';
import {
  createBlockedSession,
  createBlockLists,
  createListResolver,
  type ListSource,
  listsMax,
  parseListSource,
} from '../serve/index.ts';
import { createCommandLines, tooLong } from '../serve/pop3/index.ts';
import { type ByteString, bytesOf, errorText, printable, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { becomeProgram } from './become-program.ts';
import { openChannel } from './descriptor-channel.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const exitUsage = 100;
const exitTemporary = 111;

const sessionSecondsDefault = 60;
const sessionSecondsMax = 3600;
const commandBytesMax = 1000;
const commandsMax = 100;

const manual: Manual = {
  name: 'rblsmtpd',
  section: 1,
  purpose: 'turn away SMTP clients that are on a list',
  synopsis: ['[-b] [-B] [-c] [-C] [-t SECONDS] [-r ZONE[:TEXT] ...] [-a ZONE ...] PROGRAM [ARGUMENT ...]'],
  description: [
    'rblsmtpd is run by tcpserver or another that has accepted a connection. If the client at $TCPREMOTEIP is blocked, it speaks just enough SMTP on descriptors 0 and 1 to refuse every recipient, and says so in one line on descriptor 2. Else it becomes PROGRAM, whose exit code is its own then, and which is an SMTP server: `tcpserver 0 25 rblsmtpd -r LIST.EXAMPLE qmail-smtpd`.',
    'A client is blocked if $RBLSMTPD is set and not empty: it is told that text, and with a hyphen in front of it that it is so for ever. If $RBLSMTPD is empty, the client is not blocked. If it is not set, the lists of -r and -a are asked in their order until one knows the address.',
    'An address is on a list if it has an A record there in 127.0.0.0/8 (RFC 5782); the client is told TEXT, with its address for %IP%, or without TEXT what the TXT record says. IPv6 addresses are looked up by their hexadecimal digits.',
    'The server of this system that listens itself, qmail-smtpd --listen, needs no rblsmtpd: see control/blocklists in qmail-smtpd(8).',
    '-r ZONE[:TEXT]: who is on this list is blocked. -a ZONE: who is on this one is not. -b: blocked for ever, with 553; -B: for now, with 451, which is the default. -c: when a list cannot be asked, the client is blocked for now, and a list of -a has not spoken for it; -C, the default: then nobody is blocked. -t SECONDS: how long a client that is blocked may stay.',
  ],
  environment: [
    ['TCPREMOTEIP', 'The client. Without it nobody is looked up.'],
    ['RBLSMTPD', 'What a client is told that is blocked; see above.'],
    ['PATH', 'Where PROGRAM is looked for.'],
  ],
  exitCodes: [
    ['0', 'The client was blocked, and is gone.'],
    ['100', 'It was called wrongly.'],
    ['111', 'PROGRAM cannot be run.'],
  ],
  limits: [
    ['lists', `${listsMax}`],
    [
      'time of a client that is blocked',
      `${sessionSecondsDefault} seconds, or those of -t, up to ${sessionSecondsMax}`,
    ],
    ['commands of a client that is blocked', `${commandsMax}, each of ${commandBytesMax} bytes`],
  ],
  bugs: [
    'The original takes the TXT record for the listing. A list that has such records and no A records lists nobody here.',
  ],
  seeAlso: ['qmail-smtpd(8)', 'tcpserver(1)', 'tcprules(1)'],
};

interface Call {
  readonly sources: readonly ListSource[];
  readonly permanent: boolean;
  readonly failClosed: boolean;
  readonly seconds: number;
  readonly words: readonly ByteString[];
}

/** The order of -r and -a means something, so they are read one by one. Undefined: it was called wrongly. */
function parseCall(args: readonly ByteString[]): Call | undefined {
  const sources: ListSource[] = [];
  let permanent = false;
  let failClosed = false;
  let seconds = sessionSecondsDefault;
  let index = 0;
  for (; index < args.length; index += 1) {
    const word = args[index] ?? '';
    if (word === '--') index += 1;
    if (word === '--' || !word.startsWith('-') || word === '-') break;
    for (let at = 1; at < word.length; at += 1) {
      const letter = word.charAt(at);
      if (letter === 'b' || letter === 'B') permanent = letter === 'b';
      else if (letter === 'c' || letter === 'C') failClosed = letter === 'c';
      else if ('rat'.includes(letter)) {
        const isJoined = at + 1 < word.length;
        if (!isJoined) index += 1;
        const value = isJoined ? word.slice(at + 1) : args[index];
        if (value === undefined || value === '') return undefined;
        if (letter === 't') seconds = Number(value);
        else sources.push(parseListSource(value, letter === 'a' ? 'allow' : 'block'));
        break;
      } else return undefined;
    }
  }
  const words = args.slice(index);
  const isTime = Number.isInteger(seconds) && seconds > 0 && seconds <= sessionSecondsMax;
  if (words.length === 0 || sources.length > listsMax || !isTime) return undefined;
  return { sources, permanent, failClosed, seconds, words };
}

interface Block {
  readonly text: ByteString;
  readonly permanent: boolean;
}

async function blockOf(system: System, call: Call): Promise<Block | undefined> {
  const told = system.env('RBLSMTPD');
  if (told === '') return undefined;
  if (told !== undefined) {
    const permanent = told.startsWith('-');
    return { text: permanent ? told.slice(1) : told, permanent };
  }
  const ip = system.env('TCPREMOTEIP');
  if (ip === undefined || call.sources.length === 0) return undefined;
  const look = createBlockLists({
    sources: call.sources,
    resolver: createListResolver(),
    failClosed: call.failClosed,
    log: (line) => complain(system, manual.name, line),
  });
  const verdict = await look(ip);
  if (verdict.kind === 'free') return undefined;
  return { text: verdict.text, permanent: call.permanent && verdict.certain };
}

/** Speaks with a client that is blocked, until it has enough or its time is over. */
async function turnAway({ text, permanent }: Block, seconds: number): Promise<void> {
  const channel = openChannel(seconds * 1000);
  const over = setTimeout(() => process.exit(0), seconds * 1000);
  const session = createBlockedSession(text, permanent);
  const lines = createCommandLines(commandBytesMax);
  try {
    await channel.write(bytesOf(session.greeting()));
    for (let commands = 0; commands < commandsMax && !session.ended; ) {
      const line = lines.next();
      if (line !== undefined) {
        commands += 1;
        await channel.write(bytesOf(session.answer(line === tooLong ? '' : line)));
        continue;
      }
      const bytes = await channel.read();
      if (bytes === undefined) break;
      lines.feed(bytes);
    }
  } catch {
    // It is gone, which is what it was to be.
  } finally {
    clearTimeout(over);
    channel.close();
  }
}

export const rblsmtpd: Program = {
  manual,
  run: async (system) => {
    const call = parseCall(system.args);
    if (call === undefined) {
      complain(system, manual.name, usage(manual));
      return exitUsage;
    }
    try {
      const block = await blockOf(system, call);
      if (block === undefined) return becomeProgram(call.words.map(nativeText));
      const ip = printable(system.env('TCPREMOTEIP') ?? 'unknown');
      complain(
        system,
        manual.name,
        `${ip} pid ${system.pid}: ${block.permanent ? 553 : 451} ${printable(block.text)}`,
      );
      await turnAway(block, call.seconds);
      return 0;
    } catch (error) {
      complain(system, manual.name, `fatal: ${errorText(error)}`);
      return exitTemporary;
    }
  },
};
