/** What is to be done for a recipient: the user's own instructions, else the default delivery. */
import type { Answer, ByteString } from '../system/index.ts';
import { type Instruction, parseInstructions } from './instruction.ts';
import type { LocalUser } from './job.ts';
import { findQmailFile } from './qmail-file.ts';
import { rejection } from './report.ts';

export type Instructions =
  | {
      readonly ok: true;
      readonly list: readonly Instruction[];
      /** $DEFAULT of programs; undefined where the instructions are those of the exact address. */
      readonly defaultPart: ByteString | undefined;
    }
  /** `list`: what comes before the mistake. Nothing of it may be carried out. */
  | { readonly ok: false; readonly answer: Answer; readonly list: readonly Instruction[] };

function parse(text: ByteString, forwardOnly: boolean, defaultPart: ByteString | undefined): Instructions {
  const parsed = parseInstructions(text, forwardOnly);
  return parsed.ok ? { ...parsed, defaultPart } : parsed;
}

/** Also what `qmail-local -n` shows. */
export function instructionsFor({ home, dash, extension, delivery }: LocalUser): Instructions {
  const file = findQmailFile(home, dash, extension);
  switch (file.state) {
    case 'refused':
      return { ok: false, answer: file.answer, list: [] };
    case 'found':
      // An empty file asks for the default delivery, which its x bit does not concern.
      if (file.text === '') return parse(delivery, false, file.defaultPart);
      return parse(file.text, file.forwardOnly, file.defaultPart);
    case 'absent':
      if (dash === '') return parse(delivery, false, undefined);
      return {
        ok: false,
        answer: rejection('Sorry, no mailbox here by that name. (#5.1.1)'),
        list: [],
      };
  }
}
