/** qmail-pspawn: has logins checked for the network servers of a hub, and what they may use run as who they are. */
import { connect, Socket } from 'node:net';
import { homeDirectory, openControl } from '../control/index.ts';
import { type Manual, parseCommandLine, usage } from '../manual/index.ts';
import { type Account, findAccount } from '../process/index.ts';
import { readCheckCommand, readSessionCommand, runningMax, serveChecks } from '../serve/passwords/index.ts';
import { byteStringOf, bytesOf } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { hubAccountNames } from './hub-accounts.ts';
import { complain } from './print.ts';
import type { Program } from './program.ts';
import { ignoreSignals } from './qmail-ldeliver.ts';

const exitUsage = 100;

const channelsMax = 10;

const manual: Manual = {
  name: 'qmail-pspawn',
  section: 8,
  purpose: 'have logins checked for servers that are not root',
  synopsis: ['CHANNELS'],
  description: [
    'qmail-pspawn is started by qmail-start as root when a server is to have passwords checked. On each of so many CHANNELS, which are sockets on descriptors 3 and up, a server that runs as qmaild sends it logins. It starts the checkpassword program for each, gives it the login on descriptor 3 as it came, and answers with its exit code. It looks into no byte that came from the network.',
    'For AUTH the program runs `true` behind the login. For a session of POP3 it runs the program in control/pop3d, whose descriptors 0 and 1 are a connection to the socket HOME/pop3/sessions of the server: that connection is made as qmaild, and the bytes of the session do not pass through this process.',
  ],
  environment: [
    [
      'QMAILHOME',
      'The directory that holds control/ and pop3/; /var/qmail without it. The programs find it too.',
    ],
  ],
  controls: [
    [
      'checkpassword',
      'The program that checks passwords, by its path, and its arguments with blanks between them. Default: checkpassword(8).',
    ],
    ['pop3d', 'The program that serves a Maildir, likewise. Default: qmail-pop3d ./Maildir/'],
  ],
  exitCodes: [
    ['0', 'The channels have ended, and what ran has.'],
    ['100', 'It was called wrongly.'],
    ['111', 'It could not go on.'],
  ],
  limits: [['programs at the same time for one server', `${runningMax}`]],
  seeAlso: ['qmail-start(8)', 'qmail-popup(8)', 'checkpassword(8)', 'qmail-pop3d(8)'],
};

const firstChannel = 3;

export function sessionSocketPath(home: string): string {
  return `${home}/pop3/sessions`;
}

/**
 * A connection to the server's socket, begun as the server's user: whoever is that user could have put another name there,
 * and must not have root call for it.
 */
function connectAs(account: Account | undefined, path: string): Socket {
  if (account === undefined) return connect(path).pause();
  process.setegid?.(account.gid);
  process.seteuid?.(account.uid);
  try {
    // The system is asked before this returns.
    return connect(path).pause();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

export const qmailPspawn: Program = {
  manual,
  async run(system) {
    const parsed = parseCommandLine(manual, system.args);
    const channels = parsed.ok && parsed.line.operands.length === 1 ? Number(parsed.line.operands[0]) : 0;
    if (!Number.isInteger(channels) || channels < 1 || channels > channelsMax) {
      complain(system, manual.name, parsed.ok ? usage(manual) : `${parsed.problem}\n${usage(manual)}`);
      return exitUsage;
    }
    ignoreSignals();
    const home = homeDirectory(system);
    const control = openControl(system, home);
    const command = readCheckCommand(control);
    const session = readSessionCommand(control);
    const server = system.uid === 0 ? findAccount(hubAccountNames.server) : undefined;
    const path = sessionSocketPath(nativeText(home));
    const log = (line: string) => system.files.write(1, bytesOf(byteStringOf(`${line}\n`)));
    const sockets = Array.from({ length: channels }, (_, index) => new Socket({ fd: firstChannel + index }));
    await Promise.all(
      sockets.map((socket) =>
        serveChecks(socket, { command, session, connectSession: () => connectAs(server, path), log }),
      ),
    );
    return 0;
  },
};
