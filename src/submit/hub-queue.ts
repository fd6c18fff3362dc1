/** The queue of a hub, seen from another program of the same host: the intake socket of qmail-send. */
import { homeDirectory } from '../control/index.ts';
import { submitLocally } from './local-queue.ts';
import type { Queue } from './queue.ts';

export const hubQueue: Queue = (system, message, envelope) =>
  submitLocally(system, `${homeDirectory(system)}/queue`, 'is qmail-send running?', message, envelope);
