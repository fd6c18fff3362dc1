/** The variables that qmail-local sets for programs, as the programs that use them describe them. */
import type { Entry } from '../manual/index.ts';

export const deliveryVariables = {
  SENDER: 'The envelope sender of the message.',
  NEWSENDER:
    'The envelope sender of what is forwarded: the owner of the address where there is one, else SENDER.',
  DTLINE: 'The Delivered-To line of this delivery.',
  RPLINE: 'The Return-Path line of this delivery.',
  UFLINE: 'The line that begins a message in an mbox, the From_ line.',
  USER: 'The user whom the message is delivered to.',
  LOCAL: 'The local part of the address that the message is delivered to.',
} as const;

/** Entries for a manual page. */
export function deliveryEnvironment(...names: readonly (keyof typeof deliveryVariables)[]): readonly Entry[] {
  return names.map((name) => [name, deliveryVariables[name]]);
}
