/** Records of utmp(5), as login programs write them. */
import { utmpRecordBytes } from '../../src/programs/terminals.ts';

export interface Login {
  readonly user: string;
  readonly line: string;
  /** 7 for a user, 8 for one who has left. */
  readonly type?: number;
}

export function utmpOf(logins: readonly Login[], recordBytes: number = utmpRecordBytes): Buffer {
  return Buffer.concat(
    logins.map(({ user, line, type = 7 }) => {
      const record = Buffer.alloc(recordBytes);
      record.writeInt16LE(type, 0);
      record.write(line, 8, 32, 'latin1');
      record.write(user, 44, 32, 'latin1');
      return record;
    }),
  );
}
