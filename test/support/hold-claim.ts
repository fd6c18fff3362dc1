/** A process that claims what is in a spool's queue for one place, says so, and waits to be killed. */
import { readdirSync } from 'node:fs';
import { openClaims } from '../../src/satellite/claims.ts';
import { parseSpoolName } from '../../src/satellite/entry-name.ts';
import { nodeSystem } from '../../src/system/node/index.ts';

const [queue = '', place = ''] = process.argv.slice(2);
const names = readdirSync(queue).filter((name) => parseSpoolName(name).kind === 'entry');
await openClaims(nodeSystem([]), queue).claim(names, [place]);
process.stdout.write('claimed\n');
setInterval(() => undefined, 60_000);
