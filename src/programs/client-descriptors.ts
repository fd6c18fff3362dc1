/** The connection that tcpclient(1) has made for a program: it reads from descriptor 6 and writes to descriptor 7. */
import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { joined } from '../process/index.ts';
import { errorText, type System } from '../system/index.ts';

const readDescriptor = 6;
const writeDescriptor = 7;

function isSame(): boolean {
  const [one, other] = [fstatSync(readDescriptor), fstatSync(writeDescriptor)];
  return one.dev === other.dev && one.ino === other.ino;
}

/** Throws when nobody has made one. */
export function openClientDescriptors(system: System): Duplex {
  try {
    // Whoever makes one says so (UCSPI). What else has these numbers may be Node's own.
    if (system.env('PROTO') === undefined) throw new Error('$PROTO is not set');
    // Of tcpclient it is one socket, of programs that do more it may be two pipes.
    if (isSame()) return new Socket({ fd: writeDescriptor });
    const input = new Socket({ fd: readDescriptor, readable: true, writable: false });
    return joined(input, new Socket({ fd: writeDescriptor, readable: false, writable: true }));
  } catch (error) {
    const reason = `descriptors ${readDescriptor} and ${writeDescriptor} are no connection: ${errorText(error)}`;
    throw new Error(`${reason}: run it under tcpclient or a program like it`, { cause: error });
  }
}
