/** serialsmtp: sends messages of a Maildir by SMTP, over the connection on descriptors 6 and 7. */
import type { Manual } from '../manual/index.ts';
import { openingMsMax, openSmtpOver } from '../remote/index.ts';
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
  name: 'serialsmtp',
  section: 1,
  purpose: 'send messages of a Maildir by SMTP over a given connection',
  synopsis: ['[--tls] PREFIX HELO'],
  description: [
    'serialsmtp runs under tcpclient(1), as in: maildirserial -b -t 1209600 DIRECTORY PREFIX tcpclient -RHl0 HOST 25 serialsmtp PREFIX HELO. It speaks SMTP over the connection that is on descriptors 6 and 7, and calls itself HELO. maildirsmtp(1) does all of that by itself.',
    ...serialClientDescription,
  ],
  options: [
    {
      name: 'tls',
      text: 'Send nothing without STARTTLS, whoever the server is: a name that tcpclient has found out proves nothing. Without it nothing is encrypted. maildirsmtp(1) can demand a certificate.',
    },
  ],
  environment: serialClientEnvironment,
  controls: [
    ['me', 'The name of this host. Required.'],
    ['timeoutremote', 'As for qmail-remote(8).'],
  ],
  exitCodes: serialClientExitCodes,
  limits: [['what comes before the first message', `${openingMsMax / 1000} seconds`], ...serialClientLimits],
  seeAlso: ['maildirserial(1)', 'maildirsmtp(1)', 'serialqmtp(1)', 'tcpclient(1)'],
};

export const serialsmtp: Program = {
  manual,
  run: (system) =>
    runSerialOverDescriptors(system, {
      manual,
      operands: 2,
      open: async ({ operands: [, ownName = ''], has }, times, peer) => {
        const hop = { host: peer, address: peer, port: 0 };
        const demands = { tls: has('tls') ? 'must' : 'no', implicitTls: false, login: undefined } as const;
        const settings = { ...times, openingMs: openingMsMax, ownName, authorities: undefined };
        return await openSmtpOver(openClientDescriptors(system), hop, demands, settings);
      },
    }),
};
