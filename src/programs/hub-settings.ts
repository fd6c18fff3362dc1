/** What control files say to a running hub, read at its start and again on SIGHUP. */
import type { Control } from '../control/index.ts';
import { type BounceSettings, readBounceSettings, readRoutes, type SenderSettings } from '../send/index.ts';
import {
  type QmqpRules,
  type QmqpServerLimits,
  readQmqpRules,
  readQmqpServerLimits,
} from '../serve/index.ts';
import type { ByteString } from '../system/index.ts';

export interface HubSettings extends SenderSettings {
  readonly me: ByteString;
  readonly bounces: BounceSettings;
  /** How long a submission is remembered; 0 for not at all. */
  readonly memoryMs: number;
  /** Read at the start only. */
  readonly qmqp: QmqpServerLimits;
  /** Who may send over plain QMQP. */
  readonly qmqpRules: QmqpRules;
}

export const hubDefaults = {
  concurrencyLocal: 10,
  concurrencyRemote: 20,
  queueLifetimeSeconds: 604_800,
  submissionMemorySeconds: 604_800,
} as const;

/** More at the same time would only wait for one another's disk and sockets. */
export const concurrencyMax = 1000;

function concurrency(control: Control, name: string, preset: number): number {
  return Math.min(control.number(name, preset), concurrencyMax);
}

/** Throws, with the file's name, when what is there cannot be used. */
export function readHubSettings(control: Control): HubSettings {
  const me = control.line('me');
  if (me === undefined) throw new Error(`${control.directory}/me is missing: write this host's name into it`);
  if (me === '') throw new Error(`${control.directory}/me is empty: write this host's name into it`);
  const routes = readRoutes(control);
  return {
    me,
    routes,
    bounces: readBounceSettings(control, routes),
    queueLifetimeMs: control.number('queuelifetime', hubDefaults.queueLifetimeSeconds) * 1000,
    memoryMs: control.number('submissionmemory', hubDefaults.submissionMemorySeconds) * 1000,
    concurrency: {
      local: concurrency(control, 'concurrencylocal', hubDefaults.concurrencyLocal),
      remote: concurrency(control, 'concurrencyremote', hubDefaults.concurrencyRemote),
    },
    qmqp: readQmqpServerLimits(control),
    qmqpRules: readQmqpRules(control),
  };
}
