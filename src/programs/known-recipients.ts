/**
 * Whether there is such a recipient here, for a server of one connection that tcpserver or systemd has started: qmail-send is
 * asked, as the servers that qmail-start runs ask it (src/serve/relay-protocol.ts).
 */
import { homeDirectory } from '../control/index.ts';
import { findAccount } from '../process/index.ts';
import { relayIntake, relaySocketPath } from '../serve/index.ts';
import type { ByteString, System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { hubAccountNames } from './hub-accounts.ts';

/** For the manual pages of those that ask. */
export const knownRecipientsText = `qmail-send is asked, and qmail-lspawn looks whether an address belongs to a user and, if it has an extension or belongs to the user alias, whether there is a .qmail file for it. That is so with a hub that qmail-start runs, for its own servers and for those that tcpserver runs as the user ${hubAccountNames.server} (tcpserver -u); nobody else is told who is there. What cannot be told within 10 seconds passes. Elsewhere, and when a program stands in the place of the queue, nobody is asked, and the hub bounces such mail.`;

/** Only who runs as the hub's servers do is answered. */
function mayAsk(system: System): boolean {
  try {
    system.files.status(relaySocketPath(nativeText(`${homeDirectory(system)}/queue`)));
    return process.geteuid?.() === findAccount(hubAccountNames.server).uid;
  } catch {
    // There is no hub here whose servers are of a user of their own.
    return false;
  }
}

/** One connection for each question: a client that is slow keeps none. */
export function askForRecipients(system: System): (address: ByteString) => Promise<boolean> {
  let asks: boolean | undefined;
  return async (address) => {
    asks ??= mayAsk(system);
    if (!asks) return true;
    const relay = relayIntake(system, homeDirectory(system));
    try {
      return await relay.isKnown(address);
    } finally {
      relay.close();
    }
  };
}
