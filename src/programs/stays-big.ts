/** Programs that only the satellite's executable on Node has: in the native one they say so. */
import type { Manual } from '../manual/index.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';

const exitUnavailable = 100;

/** `why`: what it would need, as `makes keys`. */
export function staysBig(name: string, why: string): Program {
  const manual: Manual = {
    name,
    section: 8,
    purpose: 'not in this executable',
    synopsis: ['...'],
    description: [`${name} ${why}. It is in mini-qmail-satellite, and not in this small executable.`],
    exitCodes: [[String(exitUnavailable), 'Always.']],
  };
  return {
    manual,
    run: async (system) => {
      complain(
        system,
        name,
        `${name} ${why}: call that of mini-qmail-satellite; it is not in this executable`,
      );
      return exitUnavailable;
    },
  };
}
