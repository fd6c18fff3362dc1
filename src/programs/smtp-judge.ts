/** Whether, and in whose name, messages of strangers are judged: control/authresults. */
import { createQuestions } from '../authenticate/index.ts';
import type { Control } from '../control/index.ts';
import type { SmtpJudge } from '../serve/index.ts';
import { printable, type System } from '../system/index.ts';

const file = 'authresults';

const nameCharacters = new Set('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._');

/** Answers what reads the file, for each message. It throws when there is no name in it. */
export function smtpJudge(system: System, control: Control): () => SmtpJudge | undefined {
  const questions = createQuestions();
  return () => {
    const line = control.line(file);
    if (line === undefined) return undefined;
    const name = line === '' ? control.lineOrMe('me', '') : line;
    if (name === '' || [...name].some((character) => !nameCharacters.has(character)))
      throw new Error(`${control.directory}/${file}: ${printable(name, 100)} is no name of a host`);
    return { system, name, questions };
  };
}
