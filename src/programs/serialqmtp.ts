/** serialqmtp: sends messages of a Maildir by QMTP, over the connection on descriptors 6 and 7. */
import type { Manual } from '../manual/index.ts';
import { qmtpOver } from '../remote/index.ts';
import { openClientDescriptors } from './client-descriptors.ts';
import type { Program } from './program.ts';
import {
  runSerialOverDescriptors,
  serialClientDescription,
  serialClientEnvironment,
  serialClientExitCodes,
  serialClientLimits,
} from './serial-over-descriptors.ts';

const manual: Manual = {
  name: 'serialqmtp',
  section: 1,
  purpose: 'send messages of a Maildir by QMTP over a given connection',
  synopsis: ['PREFIX'],
  description: [
    'serialqmtp runs under tcpclient(1), as in: maildirserial -b -t 1209600 DIRECTORY PREFIX tcpclient -RHl0 HOST 209 serialqmtp PREFIX. It speaks QMTP over the connection that is on descriptors 6 and 7. maildirqmtp(1) does all of that by itself.',
    ...serialClientDescription,
  ],
  environment: serialClientEnvironment,
  controls: [
    ['me', 'The name of this host. Required.'],
    ['timeoutremote', 'As for qmail-remote(8).'],
  ],
  exitCodes: serialClientExitCodes,
  limits: serialClientLimits,
  seeAlso: ['maildirqmtp(1)', 'maildirserial(1)', 'serialsmtp(1)', 'tcpclient(1)'],
};

export const serialqmtp: Program = {
  manual,
  run: (system) =>
    runSerialOverDescriptors(system, {
      manual,
      operands: 1,
      open: async (_line, times, peer) => ({
        ok: true,
        connection: qmtpOver(openClientDescriptors(system), times, peer),
      }),
    }),
};
