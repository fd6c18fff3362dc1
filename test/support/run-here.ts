/** Runs one of the hub's programs in this process: for the many cases of one that only reads, or talks to a hub. */
import { dispatch } from '../../src/programs/dispatch.ts';
import { hubPrograms } from '../../src/programs/hub-table.ts';
import { hubQueue } from '../../src/submit/index.ts';
import { type System, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import type { Ended } from './run-program.ts';

/** `home` is $QMAILHOME; the rest is the real system, without descriptors 1 and 2. */
export async function runHere(home: string, name: string, ...args: readonly string[]): Promise<Ended> {
  const real = nodeSystem(args);
  const written = ['', '', ''];
  const system: System = {
    ...real,
    env: (variable) => (variable === 'QMAILHOME' ? home : real.env(variable)),
    files: {
      ...real.files,
      write(descriptor, bytes) {
        if (descriptor > 2) real.files.write(descriptor, bytes);
        else written[descriptor] += textOf(bytes);
      },
    },
  };
  const exit = await dispatch(hubPrograms, { name, args }, system, { queue: hubQueue });
  const [, stdout = '', stderr = ''] = written;
  return { exit, stdout, stderr };
}
