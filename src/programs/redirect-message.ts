/** What forward and condredirect do with a message: it goes to the queue again, with Delivered-To on top. */
import type { Envelope } from '../mail/index.ts';
import { chooseQueue, createSpill, type QueueOutcome, queueNumber } from '../submit/index.ts';
import { bytesOf, printable, type System } from '../system/index.ts';
import { complain } from './print.ts';
import type { Wiring } from './program.ts';

const exitPermanent = 100;
const exitTemporary = 111;

export interface Redirection {
  /** The program that redirects. */
  readonly caller: string;
  readonly envelope: Envelope;
  /** What is put on top: the Delivered-To line, by which a loop is found. */
  readonly head: string;
  readonly message: Iterable<Uint8Array>;
  /** The exit code when the queue has taken it. */
  readonly exitDone: number;
}

function report(system: System, { caller, exitDone }: Redirection, { answer }: QueueOutcome): number {
  if (answer.verdict === 'K') {
    complain(system, caller, `qp ${queueNumber(answer.text)}`);
    return exitDone;
  }
  complain(system, caller, `fatal: ${printable(answer.text)}`);
  return answer.verdict === 'D' ? exitPermanent : exitTemporary;
}

/** Reports on descriptor 2 and answers the exit code. Throws when the message cannot be read or held. */
export async function redirectMessage(
  system: System,
  wiring: Wiring,
  redirection: Redirection,
): Promise<number> {
  const queue = chooseQueue(system, wiring.queue);
  const copy = createSpill(system);
  try {
    copy.write(bytesOf(redirection.head));
    for (const piece of redirection.message) copy.write(piece);
    return report(system, redirection, await queue(system, copy, redirection.envelope));
  } finally {
    copy.close();
  }
}
