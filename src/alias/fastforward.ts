/** fastforward: forwards the message on descriptor 0 by a forwarding database (forwarding.ts). */
import { type Cdb, openCdb } from '../cdb/index.ts';
import type { Queue } from '../submit/index.ts';
import { type ByteString, type System, textOf } from '../system/index.ts';
import { type AliasProgram, carryOut } from './carry-out.ts';
import { type Forwarding, type ForwardingBase, type ForwardingCase, findForwarding } from './forwarding.ts';
import { aliasLimits } from './limits.ts';
import { type Line, readLines } from './lines.ts';
import { openSource } from './open-source.ts';
import { AliasProblem } from './problem.ts';

/** Where a user's list may be that was told to us: it is opened, and must be public, before it is read. */
function* entriesOf(system: System, path: ByteString): Generator<Line, undefined> {
  const descriptor = openSource(path, { public: true });
  try {
    const lineBytesMax = aliasLimits.commandBytesMax;
    yield* readLines(system, { descriptor, name: path, separator: '\0', lineBytesMax });
  } finally {
    system.files.close(descriptor);
  }
}

function baseOf(system: System, cdb: Cdb): ForwardingBase {
  return {
    get(key) {
      const data = cdb.get(key);
      return data === undefined ? undefined : textOf(data);
    },
    list: (path) => entriesOf(system, path),
  };
}

/** What is to be done for a recipient. Undefined when the database does not know it. */
export function lookUpForwarding(
  system: System,
  database: ByteString,
  asked: ForwardingCase,
): Forwarding | undefined {
  const cdb = openCdb(database);
  try {
    return findForwarding(baseOf(system, cdb), asked);
  } finally {
    cdb.close();
  }
}

/** The lines that qmail-local has for the front of a message; a program behind "!" gets them. */
function frontLines(system: System): ByteString {
  return ['UFLINE', 'RPLINE', 'DTLINE']
    .map((name) => {
      const line = system.env(name);
      if (line === undefined) throw new AliasProblem('D', `${name} not set`);
      return line;
    })
    .join('');
}

function programOf(system: System, text: ByteString): AliasProgram {
  return { command: text.slice(1), head: text.startsWith('!') ? frontLines(system) : '' };
}

/** Does it. Answers what the queue said, undefined when there was nobody to forward to. */
export function followForwarding(
  system: System,
  queue: Queue,
  { programs, sender, recipients }: Forwarding,
): Promise<ByteString | undefined> {
  return carryOut(system, queue, {
    programs: programs.map((text) => programOf(system, text)),
    sender,
    recipients,
    head: system.env('DTLINE') ?? '',
  });
}
