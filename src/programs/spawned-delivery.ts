/** Deliveries of a hub whose parts do not trust one another: qmail-lspawn and qmail-rspawn carry them out. */
import { Socket } from 'node:net';
import type { Store } from '../queue/index.ts';
import type { Deliver } from '../send/index.ts';
import {
  type BodyListener,
  checkJobFields,
  type JobLink,
  listenBodies,
  openJobLink,
  spawnJobFields,
} from '../spawn/index.ts';
import type { Deliveries } from './hub.ts';

/** Where qmail-send finds those who deliver. */
export const spawnDescriptors = { local: 3, remote: 4 } as const;

export interface SpawnedDeliveryOptions {
  /** The queue's directory. */
  readonly directory: string;
  readonly log: (line: string) => void;
  /** One of the two is gone. */
  readonly onLost: (error: Error) => void;
}

function through(link: JobLink, bodies: BodyListener, store: Store): Deliver {
  return async ({ message, sender, address }) => {
    const { token, withdraw } = bodies.offer(store.body(message));
    try {
      return await link.ask(
        spawnJobFields({
          message: String(message.id),
          token,
          sizeBytes: message.sizeBytes,
          sender,
          recipient: address,
        }),
      );
    } finally {
      withdraw();
    }
  };
}

export async function spawnedDeliveries(options: SpawnedDeliveryOptions, store: Store): Promise<Deliveries> {
  const bodies = await listenBodies(options);
  let closing = false;
  const connect = (descriptor: number, peer: string) =>
    openJobLink({
      socket: new Socket({ fd: descriptor, readable: true, writable: true }),
      peer,
      onLost(reason) {
        if (!closing)
          options.onLost(new Error(`${peer} is gone${reason === undefined ? '' : `: ${reason}`}`));
      },
    });
  const local = connect(spawnDescriptors.local, 'qmail-lspawn');
  const remote = connect(spawnDescriptors.remote, 'qmail-rspawn');
  return {
    deliver: { local: through(local, bodies, store), remote: through(remote, bodies, store) },
    checkRecipient: (address) => local.ask(checkJobFields(address)),
    async close() {
      closing = true;
      local.close();
      remote.close();
      await bodies.close();
    },
  };
}
