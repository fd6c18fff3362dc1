/** A port on which nobody listens, for a program that cannot be told to take a free one, or for one that is not there. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** The kernel does not give the same one to the next who asks at once. */
export async function unusedPort(address = '127.0.0.1'): Promise<number> {
  const server = createServer();
  server.listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
