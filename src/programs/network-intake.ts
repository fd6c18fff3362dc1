/**
 * Where goes what comes over the network: into the queue of this host, or to a program that stands in the queue's place, for
 * every client or, by the variables of control/qmqprules, for some.
 */
import { runProgramAside } from '../process/index.ts';
import type { Intake } from '../queue/index.ts';
import { queueIntake } from '../serve/index.ts';
import { chooseQueue, type Queue } from '../submit/index.ts';
import type { ByteString, System } from '../system/index.ts';

export interface NetworkIntakeOptions {
  readonly system: System;
  /** What stands behind qmail-queue. */
  readonly builtIn: Queue;
  /** A shorter way into the same queue. */
  readonly intake?: Intake | undefined;
  /** What the client's rule sets for a program that is run. */
  variables(host: ByteString): Readonly<Record<string, ByteString>>;
}

/** Whether a program stands in the queue's place for everybody is read once; which one it is, for each message. */
export function networkIntake({ system, builtIn, intake, variables }: NetworkIntakeOptions): Intake {
  const replaced = chooseQueue(system, builtIn) !== builtIn;
  let messages = 0;
  const aside = queueIntake({
    system,
    queueFor({ host }) {
      const own = variables(host);
      const seen: System = { ...system, env: (name) => own[name] ?? system.env(name) };
      return chooseQueue(seen, builtIn, (run) =>
        runProgramAside({ ...run, env: { ...run.env, PROTO: 'TCP', TCPREMOTEIP: host, ...own } }),
      );
    },
    nextId() {
      messages += 1;
      return messages;
    },
  });
  return {
    begin(origin) {
      const isProgram = replaced || Boolean(variables(origin.host)['QMAILQUEUE']);
      return (isProgram ? aside : (intake ?? aside)).begin(origin);
    },
  };
}
