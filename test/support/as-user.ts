/**
 * Runs one of our programs as another user: Node as-user.ts USER PROGRAM ARGUMENT... All code is loaded before root is
 * given up, since that user may not be able to enter the tree.
 */
import { dropPrivileges, findAccount } from '../../src/process/index.ts';
import { dispatch } from '../../src/programs/dispatch.ts';
import { hubPrograms } from '../../src/programs/hub-table.ts';
import { hubQueue } from '../../src/submit/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';

const [user = '', name = '', ...args] = process.argv.slice(2);
await hubPrograms[name]?.();
dropPrivileges(findAccount(user));
process.exit(await dispatch(hubPrograms, { name, args }, nodeSystem(args), { queue: hubQueue }));
