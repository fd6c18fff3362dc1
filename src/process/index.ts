/** Processes and threads of the hub. */

export { startWorker } from '../system/node/index.ts';
export { closeInherited } from './close-inherited.ts';
export { type Crew, endCrew, type Member, type Stage, type SuperviseOptions, supervise } from './crew.ts';
export { type Account, dropPrivileges, findAccount } from './drop-privileges.ts';
export { packFields, unpackFields } from './fields.ts';
export { type Frame, type FrameLink, type FrameLinkOptions, openFrameLink } from './frame-link.ts';
export { createGate, type Gate } from './gate.ts';
export { joined } from './joined.ts';
export { type LineLog, openLineLog } from './line-log.ts';
export {
  beforeReading,
  type Counter,
  counter,
  counters,
  type Family,
  type Gauge,
  gauge,
  gauges,
  type Histogram,
  histogram,
  type LabelSet,
  type Labels,
  metricsText,
} from './metrics.ts';
export { type OwnCommand, ownCommand } from './own-command.ts';
export { showProcess } from './process-metrics.ts';
export { runProgramAside } from './run-program-aside.ts';
