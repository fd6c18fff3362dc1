/** The time that files in what is packed have, in seconds: what $SOURCE_DATE_EPOCH says, or that of the last commit. */
import { spawnSync } from 'node:child_process';
import { top } from './bundle.ts';

export function readEpoch(): number {
  const given = process.env['SOURCE_DATE_EPOCH'];
  const { stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: top, encoding: 'utf8' });
  const epoch = Number(given ?? stdout?.trim() ?? '');
  if (!Number.isSafeInteger(epoch) || epoch < 0) throw new Error(`$SOURCE_DATE_EPOCH is no time: ${given}`);
  return epoch;
}
