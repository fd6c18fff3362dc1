/** The control files of a QMQP client: which hubs, in which order, and how long to wait for them. */

import { type ExchangeLimits, type Hub, parseHubs, shuffle } from '../../qmqp/index.ts';
import { type Control, openControl } from '../control/index.ts';
import type { ByteString, System } from '../system/index.ts';

export interface QmqpConfiguration {
  /** In the order in which they are tried. */
  readonly hubs: readonly Hub[];
  /** Lines of control/qmqpservers that name no hub. */
  readonly rejected: readonly ByteString[];
  readonly limits: ExchangeLimits;
}

/** Defaults in seconds; the first two are those of qmail-qmqpc, the third is the protocol's limit for a session. */
export const qmqpTimeouts = { timeoutconnect: 10, timeoutremote: 60, timeouttotal: 3600 } as const;

/** No timeout can be longer: a day. */
const timeoutSecondsMax = 86400;

function timeoutMs(control: Control, name: keyof typeof qmqpTimeouts): number {
  return Math.min(Math.max(control.number(name, qmqpTimeouts[name]), 1), timeoutSecondsMax) * 1000;
}

/** Throws a SystemError when a file cannot be read; undefined when there is no control/qmqpservers. */
export function readQmqpConfiguration(system: System): QmqpConfiguration | undefined {
  const control = openControl(system);
  // Nothing is needed from it, but a home whose first file cannot be read is no place to send mail from.
  control.line('me');
  const lines = control.list('qmqpservers');
  if (lines === undefined) return undefined;
  const { hubs, rejected } = parseHubs(lines);
  return {
    hubs: control.number('qmqpshuffle', 0) === 0 ? hubs : shuffle(hubs, system.random),
    rejected,
    limits: {
      connectMs: timeoutMs(control, 'timeoutconnect'),
      idleMs: timeoutMs(control, 'timeoutremote'),
      totalMs: timeoutMs(control, 'timeouttotal'),
    },
  };
}
