/** The users as whom a hub's processes run. scripts/install makes them. */
import { type Account, findAccount } from '../process/index.ts';

export const hubAccountNames = {
  /** Gets the mail of addresses that are nobody's. */
  alias: 'alias',
  /** Owns the queue. */
  queue: 'qmailq',
  /** Sends to other hosts. */
  remote: 'qmailr',
  /** Serves the network. */
  server: 'qmaild',
  /** Writes the log. */
  logger: 'qmaill',
  /** Looks accounts up. */
  lookUp: 'qmailp',
} as const;

export type HubAccounts = Readonly<Record<keyof typeof hubAccountNames, Account>>;

/** Throws, with what to do, when one of them does not exist. */
export function findHubAccounts(): HubAccounts {
  const find = (name: string): Account => {
    try {
      return findAccount(name);
    } catch (error) {
      throw new Error(`there is no user ${name}: scripts/install makes the users of a hub`, { cause: error });
    }
  };
  const { alias, queue, remote, server, logger, lookUp } = hubAccountNames;
  return {
    alias: find(alias),
    queue: find(queue),
    remote: find(remote),
    server: find(server),
    logger: find(logger),
    lookUp: find(lookUp),
  };
}
