/** The satellite's executable: what a small machine needs, and nothing of the hub. */

import { satellitePrograms } from './programs/satellite-table.ts';
import { startNode } from './programs/start-node.ts';
import { boxQueue } from './satellite/index.ts';

startNode(satellitePrograms, { queue: boxQueue });
