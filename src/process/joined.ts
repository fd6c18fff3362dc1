/** One connection of two descriptors, one to read from and one to write to. It ends for good when both have. */
import { Duplex, type Readable, type Writable } from 'node:stream';

export function joined(input: Readable, output: Writable): Duplex {
  const both = new Duplex({
    allowHalfOpen: true,
    read() {
      input.resume();
    },
    write(chunk, _encoding, done) {
      output.write(chunk, done);
    },
    final(done) {
      // A descriptor that is written to ends with the process.
      done();
    },
    destroy(error, done) {
      input.destroy();
      done(error);
    },
  });
  input.on('data', (bytes: Uint8Array) => {
    if (!both.push(bytes)) input.pause();
  });
  input.on('end', () => both.push(null));
  // A peer that is gone is no error of ours.
  input.on('error', () => both.push(null));
  output.on('error', () => both.destroy());
  return both;
}
