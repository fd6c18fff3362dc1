/** The other door of the satellite: what runs beside those who send. */
export { type CollectorLimits, type CollectorOptions, collectorLimits, runCollector } from './collector.ts';
export { dropDirectoryMode } from './drop.ts';
export { type FlushOptions, type FlushResult, flushSpool } from './flush.ts';
export { listSpool, type SpooledMessage } from './list-spool.ts';
export { type FlushCounts, removalsMax } from './send-stored.ts';
export { countSpool, type SpoolCounts } from './spool-counts.ts';
export { type DropsTaken, type TakeOptions, takeDropped, takeDrops } from './take-drops.ts';
