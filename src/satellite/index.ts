/**
 * The satellite: how a message leaves it, and what it keeps while no hub takes it. What sends that later is behind the
 * other door, later.ts: sending one message must not pay for it.
 */
export { boxQueue, openBoxRoute } from './box-queue.ts';
export { directoryIn } from './directory-in.ts';
export { readSpoolSettings, type SpoolSettings, spoolDefaults } from './spool-settings.ts';
export { openSatelliteRoute, type SatelliteRoute, satelliteQueue } from './spooling-queue.ts';
