/** The hub's executable: every program. */
import { startNode } from './programs/start-node.ts';
import { hubPrograms } from './programs/hub-table.ts';
import { hubQueue } from './submit/index.ts';

startNode(hubPrograms, { queue: hubQueue });
