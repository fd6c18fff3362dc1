/** A file without a name, in $TMPDIR or where such files live otherwise. */
import { type Descriptor, SystemError } from '../system/index.ts';
import { failedWith, failureOf } from './checked.ts';
import { type Host, openHow } from './host.ts';
import { randomBytes } from './random.ts';

const directories = ['/tmp', '/var/tmp', '/dev/shm'];

const attemptsMax = 100;

const nameBytes = 6;

export function openTemporary(host: Host): Descriptor {
  let reason: SystemError | undefined;
  const tried = [host.variable('TMPDIR') ?? '', ...directories].filter((directory) => directory !== '');
  for (const directory of tried) {
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const unique = [...randomBytes(host, nameBytes)].map((byte) => byte.toString(36)).join('');
      const path = `${directory}/mini-qmail-${host.pid}-${unique}`;
      const answer = host.open(path, openHow.temporary, 0o600);
      if (answer >= 0) {
        host.unlink(path);
        return answer;
      }
      reason = failureOf(host, -answer, `open '${path}'`);
      if (!failedWith(host, answer, 'EEXIST')) break;
    }
  }
  throw new SystemError(
    reason?.code ?? 'EIO',
    `no temporary file can be made in ${tried.join(', ')}`,
    reason,
  );
}
