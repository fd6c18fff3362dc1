/** The mail of the scenario: each message has an ID of its own, and every byte of it is known. */
import { hubControls } from '../support/hub-home.ts';

export interface Mail {
  /** The content of its Message-ID field. */
  readonly id: string;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly text: string;
}

function mail(name: string, recipients: readonly string[], header: string, lines: number): Mail {
  const id = `<${name}@author.test>`;
  const line = `${name}: From the first byte to the last, nothing but this.\nFrom here on too.\n`;
  const text = `Message-ID: ${id}\n${header}Subject: ${name}\n\n${line.repeat(lines)}`;
  return { id, sender: 'author@hub.test', recipients, text };
}

/** Mail for it is refused for ever, since it has been there already. */
export const loopingRecipient = 'loop@hub.test';

/** The bounce of what was for that one goes to this address. */
export const author = 'author@hub.test';

/** Local when control/locals says so, which it does late. */
const awayHost = 'away.test';

export const mails = {
  plain: mail('plain', ['you@hub.test'], '', 3),
  /** The queue keeps it in several chunks. */
  large: mail('large', ['you@hub.test'], '', 1100),
  /** One of its recipients fails, and it bounces. */
  mixed: mail('mixed', ['me@hub.test', loopingRecipient], `Delivered-To: ${loopingRecipient}\n`, 5),
  /** It is deferred until its host is local. */
  waits: mail('waits', [`you@${awayHost}`], '', 2),
  /** To an mbox. */
  boxed: mail('boxed', ['you@hub.test', 'me@hub.test'], '', 60),
} as const satisfies Readonly<Record<string, Mail>>;

export const allMails: readonly Mail[] = Object.values(mails);

export const controls: Readonly<Record<string, string>> = {
  ...hubControls,
  submissionmemory: '604800\n',
};

export const laterLocals = `hub.test\n${awayHost}\n`;

/** Whose Message-ID a bounce of this hub has. */
export const bounceId = /^<\S+\.bounce@hub\.test>$/;
