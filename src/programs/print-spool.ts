/** Prints what waits in a spool: what mailq shows where there is no queue. */
import type { SpoolSettings } from '../satellite/index.ts';
import { listSpool } from '../satellite/later.ts';
import type { System } from '../system/index.ts';
import { print } from './print.ts';
import { printAll } from './print-all.ts';
import { spoolListing } from './spool-listing.ts';

export function printSpool(system: System, settings: SpoolSettings): void {
  let isEmpty = true;
  const texts = spoolListing(listSpool(system, settings));
  printAll(
    system,
    (function* () {
      for (const text of texts) {
        isEmpty = false;
        yield text;
      }
    })(),
  );
  if (isEmpty) print(system, 'Mail queue is empty: nothing waits in the spool.\n');
}
