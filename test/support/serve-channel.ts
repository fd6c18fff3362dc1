/** serve-channel IDLE-MS: says what it reads on descriptor 0, and ends when the client says nothing, or takes nothing. */
import { openChannel } from '../../src/programs/descriptor-channel.ts';

const channel = openChannel(Number(process.argv[2]));
const large = new Uint8Array(4 * 1024 * 1024);
try {
  for (let bytes = await channel.read(); bytes !== undefined; bytes = await channel.read()) {
    await channel.write(bytes);
    if (bytes[0] === 'L'.charCodeAt(0)) await channel.write(large);
  }
} catch {
  // It is over.
}
process.stderr.write(channel.isOver() ? 'over\n' : 'end\n');
channel.close();
