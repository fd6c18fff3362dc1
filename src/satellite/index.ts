/** The satellite: what it keeps while no hub takes its messages, and how that is sent later. */

export { spoolDefaults } from './spool-settings.ts';
export { openSatelliteRoute, type SatelliteRoute, satelliteQueue } from './spooling-queue.ts';
