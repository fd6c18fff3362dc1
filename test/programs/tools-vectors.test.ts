/** The programs that .qmail files and users call, beside what the C programs did. */

import { satellitePrograms } from '../../src/programs/satellite-table.ts';
import { captureQueue, temporaryDirectory, temporaryHome } from '../support/home.ts';
import { runProgram, satelliteMain } from '../support/run-program.ts';
import { withoutPlaces, withPlaces } from '../support/vector-pattern.ts';
import { type NamedCase, type Rule, vectors } from '../support/vectors.ts';

interface ToolCase extends NamedCase {
  readonly prog: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly exit: number;
  readonly msg_out?: string | null;
}

const home = temporaryHome();

async function runTool(vector: ToolCase, main?: string) {
  const places = { '<TMP>': temporaryDirectory(), '<QMAIL>': home };
  const { argv: args, env, stdin } = withPlaces(vector, places);
  const { CAPTURE_EXIT: exit, ...variables } = env;
  const capture = captureQueue(exit === undefined ? {} : { exit: Number(exit) });
  const ended = await runProgram({
    program: vector.prog,
    args,
    env: { QMAILHOME: home, QMAILQUEUE: capture.program, ...variables },
    stdin,
    seekable: true,
    ...(main === undefined ? {} : { main }),
  });
  return withoutPlaces({ ...ended, msg_out: capture.message(), env_out: capture.envelope() }, places);
}

const headerOf = (message: unknown) => String(message).split('\n\n')[0];

const rules: readonly Rule<ToolCase>[] = [
  {
    reason: 'the wording of a receipt is our own; its header is not',
    applies: ({ prog, msg_out }) => prog === 'qreceipt' && typeof msg_out === 'string',
    expect: (vector, actual) =>
      headerOf(vector.msg_out) === headerOf(actual['msg_out']) ? { msg_out: actual['msg_out'] } : {},
  },
];

const isSatellite = ({ prog }: ToolCase) => Object.hasOwn(satellitePrograms, prog);

vectors<ToolCase>({
  file: 'tools.json',
  run: (vector) => runTool(vector),
  rules,
  // Those of qmail-getpw depend on the accounts of the machine, and are judged in qmail-getpw.test.ts.
  covers: (vector) => vector.prog !== 'qmail-getpw' && !isSatellite(vector),
});

vectors<ToolCase>({
  file: 'tools.json',
  satellite: true,
  run: (vector) => runTool(vector, satelliteMain),
  rules,
  covers: isSatellite,
});
