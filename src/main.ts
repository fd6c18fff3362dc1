/** The hub's executable: every program. */

import { hubPrograms } from './programs/hub-table.ts';
import { startNode } from './programs/start-node.ts';
import { hubQueue } from './submit/index.ts';

startNode(hubPrograms, { queue: hubQueue });
