/** A way into a queue that keeps everything in memory, for tests of what stands in front of it. */
import type { Envelope } from '../../src/mail/index.ts';
import type { Intake, Origin } from '../../src/queue/index.ts';
import { type Answer, textOf } from '../../src/system/index.ts';

export interface KeptMessage {
  /** Without the field that stands on top of the text. */
  readonly origin: Omit<Origin, 'received'>;
  readonly text: string;
  readonly envelope: Envelope;
}

export interface MemoryIntake extends Intake {
  readonly messages: readonly KeptMessage[];
  readonly begun: number;
  readonly aborted: number;
}

/** What a test may want to be different. */
export interface MemoryIntakeBehaviour {
  /** The answer to a message, K without it. */
  answer?(message: KeptMessage): Answer | Promise<Answer>;
  /** Called for each piece; a promise asks to wait. */
  write?(bytes: Uint8Array): Promise<void> | undefined;
}

export function memoryIntake(behaviour: MemoryIntakeBehaviour = {}): MemoryIntake {
  const messages: KeptMessage[] = [];
  let begun = 0;
  let aborted = 0;
  return {
    messages,
    get begun() {
      return begun;
    },
    get aborted() {
      return aborted;
    },
    begin({ received = '', ...origin }) {
      begun += 1;
      const id = begun;
      let text = received;
      return {
        id,
        write(bytes) {
          text += textOf(bytes);
          return behaviour.write?.(bytes);
        },
        async commit(envelope) {
          const message = { origin, text, envelope };
          const answer = (await behaviour.answer?.(message)) ?? { verdict: 'K', text: '' };
          if (answer.verdict === 'K') messages.push(message);
          return answer;
        },
        abort() {
          aborted += 1;
        },
      };
    },
  };
}
