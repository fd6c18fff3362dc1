/** Reads the bytes of a QMQP request the plain way, all of them at once: a second opinion for tests. */

export interface Request {
  readonly message: Buffer;
  readonly sender: string;
  readonly recipients: readonly string[];
}

function netstrings(bytes: Buffer): readonly Buffer[] {
  const bodies: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const start = bytes.indexOf(':', at) + 1;
    const end = start + Number(bytes.toString('latin1', at, start - 1));
    if (start === 0 || bytes.toString('latin1', end, end + 1) !== ',')
      throw new Error(`no netstring at byte ${at}`);
    bodies.push(bytes.subarray(start, end));
    at = end + 1;
  }
  return bodies;
}

/** Throws when the bytes are no whole request. */
export function parseRequest(bytes: Buffer): Request {
  const [request, ...more] = netstrings(bytes);
  if (request === undefined || more.length > 0)
    throw new Error(`${more.length + 1} netstrings in place of one`);
  const [message, sender, ...recipients] = netstrings(request);
  if (message === undefined || sender === undefined) throw new Error('a request without message or sender');
  return {
    message,
    sender: sender.toString('latin1'),
    recipients: recipients.map((text) => text.toString('latin1')),
  };
}
