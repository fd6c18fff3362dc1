/** The native satellite: the satellite's programs on the host in C. */

import { startTiny } from './programs/start-tiny.ts';
import { tinyPrograms } from './programs/tiny-table.ts';
import { boxQueue } from './satellite/index.ts';
import type { Host } from './tiny/index.ts';

/** What the host in C puts there before the program begins. */
declare const host: Host;

startTiny(host, tinyPrograms, { queue: boxQueue });
