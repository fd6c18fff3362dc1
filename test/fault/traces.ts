/** Where the scenario's mail is: copies in the Maildir and the mbox, and what is left in the queue. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { checkStore } from '../../src/queue/check.ts';
import { openReader, type RecipientState, storePath } from '../../src/queue/index.ts';
import { fieldOf } from '../support/qsbmf.ts';
import { allMails, bounceId, loopingRecipient } from './mails.ts';

/** One message for one recipient. */
export interface Trace {
  /** The content of the Message-ID field. */
  readonly id: string;
  readonly recipient: string;
}

export interface QueuedTrace extends Trace {
  readonly state: RecipientState;
}

export const keyOf = ({ id, recipient }: Trace): string => `${id} for ${recipient}`;

/** What is delivered, with the lines of a delivery on top, as one of the mails or a bounce; undefined when it is not whole. */
function traceOf(text: string): Trace | undefined {
  const id = fieldOf(text, 'Message-ID') ?? '';
  const recipient = fieldOf(text, 'Delivered-To') ?? '';
  const mail = allMails.find((known) => known.id === id);
  const isWhole =
    mail === undefined
      ? bounceId.test(id) && text.includes(`\n<${loopingRecipient}>:\n`) && text.endsWith('--\n')
      : text.slice(text.indexOf('Message-ID: ')) === mail.text;
  return isWhole ? { id, recipient } : undefined;
}

function inMaildir(home: string): readonly Trace[] {
  const directory = `${home}/home/Maildir/new`;
  return readdirSync(directory).map((name) => {
    const text = readFileSync(`${directory}/${name}`, 'latin1');
    const trace = traceOf(text);
    assert.ok(trace, `${name} is in view and not whole:\n${text.slice(0, 1000)}`);
    return trace;
  });
}

/** As a reader of mboxrd sees it. `mayBeTorn`: a kill may have left the beginning of a message. */
function inMbox(home: string, mayBeTorn: boolean): readonly Trace[] {
  const path = `${home}/home/Mailbox`;
  if (!existsSync(path)) return [];
  const found: Trace[] = [];
  for (const entry of readFileSync(path, 'latin1').split(/^(?=From )/m)) {
    const message = entry.slice(entry.indexOf('\n') + 1).replaceAll(/^>(>*From )/gm, '$1');
    const trace = message.endsWith('\n\n') ? traceOf(message.slice(0, -1)) : undefined;
    if (trace !== undefined) found.push(trace);
    else assert.ok(mayBeTorn || entry === '', `a message in the mbox is not whole:\n${entry.slice(0, 1000)}`);
  }
  return found;
}

export function deliveredIn(home: string, mayBeTorn: boolean): readonly Trace[] {
  return [...inMaildir(home), ...inMbox(home, mayBeTorn)];
}

/** Finds the store sound and says what is in it. It looks at a copy, and leaves the store as a hub will find it. */
export function queuedIn(home: string): readonly QueuedTrace[] {
  const copy = mkdtempSync(`${home}/../copy-`);
  try {
    for (const suffix of ['', '-wal', '-journal']) {
      const from = `${storePath(`${home}/queue`)}${suffix}`;
      if (existsSync(from)) copyFileSync(from, `${storePath(copy)}${suffix}`);
    }
    return readQueue(storePath(copy));
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function readQueue(path: string): readonly QueuedTrace[] {
  const findings: string[] = [];
  const onFinding = ({ text }: { readonly text: string }) => findings.push(text);
  checkStore(path, { repair: false, nowMs: Date.now(), onFinding });
  assert.deepEqual(findings, [], 'what qmail-qcheck finds');
  const reader = openReader(path);
  try {
    return [...reader.messages()].flatMap(({ id: number, headerMessageId: id }) =>
      [...reader.recipients(number)].map(({ address, state }) => ({ id, recipient: address, state })),
    );
  } finally {
    reader.close();
  }
}
