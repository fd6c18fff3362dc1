/** What control files say to a running SMTP server, read at its start and again when it is told to. */
import type { Control } from '../../control/index.ts';
import type { ByteString } from '../../system/index.ts';
import { type ClientRules, readClientRules } from './client-rules.ts';
import { readSmtpServerLimits, type SmtpServerLimits } from './limits.ts';
import { ownAddresses } from './own-addresses.ts';
import { readSmtpPolicy, type SmtpPolicy } from './policy.ts';

export interface SmtpSettings {
  /** What this host calls itself. */
  readonly name: ByteString;
  /** What the Received field calls it. */
  readonly me: ByteString;
  readonly policy: SmtpPolicy;
  readonly rules: ClientRules;
  readonly limits: SmtpServerLimits;
}

/** Throws, with the file's name, when what is there cannot be used. */
export function readSmtpSettings(control: Control): SmtpSettings {
  const me = control.line('me');
  if (me === undefined) throw new Error(`${control.directory}/me is missing: write this host's name into it`);
  return {
    name: control.line('smtpgreeting') ?? me,
    me,
    policy: readSmtpPolicy(control, ownAddresses),
    rules: readClientRules(control),
    limits: readSmtpServerLimits(control),
  };
}
