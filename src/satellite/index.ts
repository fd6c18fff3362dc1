/** The satellite: what it keeps while no hub takes its messages, and how that is sent later. */
export { boxQueue, openBoxRoute } from './box-queue.ts';
export { type CollectorLimits, type CollectorOptions, collectorLimits, runCollector } from './collector.ts';
export { directoryIn } from './directory-in.ts';
export { dropDirectoryMode } from './drop.ts';
export { type FlushOptions, type FlushResult, flushSpool } from './flush.ts';
export { listSpool, type SpooledMessage } from './list-spool.ts';
export type { FlushCounts } from './send-stored.ts';
export { countSpool, type SpoolCounts } from './spool-counts.ts';
export { readSpoolSettings, type SpoolSettings, spoolDefaults } from './spool-settings.ts';
export { openSatelliteRoute, type SatelliteRoute, satelliteQueue } from './spooling-queue.ts';
export { type DropsTaken, type TakeOptions, takeDropped, takeDrops } from './take-drops.ts';
