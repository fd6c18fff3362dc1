import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ReadSubmission, readSubmission, type SubmissionLimits } from '../../src/submit/index.ts';
import { bytesOf, concatBytes, type System, SystemError, textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';

const limits: SubmissionLimits = {
  messageBytesMax: 200_000,
  addressBytesMax: 20,
  recipientsMax: 3,
  envelopeBytesMax: 70,
};

const truncated = 91;

/** Descriptors 0 and 1 hold these bytes, read in pieces of this size. */
function read(
  message: string,
  envelope: string,
  pieceBytes = 65536,
  own: Partial<System> = {},
): ReadSubmission {
  const real = nodeSystem([]);
  const left = [bytesOf(message), bytesOf(envelope)];
  const order: number[] = [];
  const system: System = {
    ...real,
    files: {
      ...real.files,
      read(descriptor, into) {
        order.push(descriptor);
        const bytes = left[descriptor];
        if (bytes === undefined) throw new SystemError('EBADF', 'bad descriptor');
        const count = Math.min(pieceBytes, into.length, bytes.length);
        into.set(bytes.subarray(0, count));
        left[descriptor] = bytes.subarray(count);
        return count;
      },
      ...own.files,
    },
  };
  const result = readSubmission(system, limits, truncated);
  deepStrictEqual(order, order.toSorted(), 'the envelope is read behind the message');
  return result;
}

function textIn(result: ReadSubmission): string {
  ok(result.ok, result.ok ? '' : result.problem);
  const text = textOf(concatBytes(Array.from(result.message.chunks(), (chunk) => chunk.slice())));
  result.message.close();
  return text;
}

test('message and envelope, in pieces of any size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.string({ maxLength: 100 }), (pieceBytes, ascii) => {
      const result = read(ascii, 'Fs@x\0Ta@b\0T\xe9@d\0\0ignored', pieceBytes);
      strictEqual(textIn(result), ascii);
      deepStrictEqual(result.ok && result.envelope, { sender: 's@x', recipients: ['a@b', '\xe9@d'] });
    }),
  );
});

test('an empty message, a large one, and nobody to send to', () => {
  strictEqual(textIn(read('', 'F\0\0')), '');
  const large = 'x'.repeat(150_000);
  strictEqual(textIn(read(large, 'F\0\0')) === large, true);
});

test('what is wrong is an exit code', () => {
  const cases: readonly (readonly [envelope: string, exitCode: number, problem: RegExp])[] = [
    ['', truncated, /before its final NUL/],
    ['F', truncated, /before its final NUL/],
    ['Fs\0Ta\0', truncated, /before its final NUL/],
    ['Xs\0\0', 91, /malformed/],
    ['\0', 91, /malformed/],
    ['Fs\0Xa\0\0', 91, /malformed/],
    [`F${'s'.repeat(21)}\0\0`, 11, /more than 20 bytes/],
    ['F\0Ta\0Tb\0Tc\0Td\0\0', 31, /more than 3 recipients/],
  ];
  for (const [envelope, exitCode, problem] of cases) {
    const result = read('m', envelope);
    strictEqual(!result.ok && result.exitCode, exitCode, JSON.stringify(envelope));
    match(result.ok ? '' : result.problem, problem);
  }
});

test('limits of size', () => {
  const message = read('x'.repeat(200_001), 'F\0\0');
  strictEqual(!message.ok && message.exitCode, 31);
  const envelope = read('m', `F${'s'.repeat(18)}\0${`T${'r'.repeat(18)}\0`.repeat(3)}T`, 30);
  strictEqual(!envelope.ok && envelope.exitCode, 31);
});

test('descriptors that cannot be read, and a disk that is full', () => {
  const real = nodeSystem([]).files;
  const failing = (failed: number): Partial<System> => ({
    files: {
      ...real,
      read(descriptor) {
        if (descriptor === failed) throw new SystemError('EIO', 'input/output error');
        return 0;
      },
    },
  });
  for (const [descriptor, problem] of [
    [0, /unable to read the message: input\/output error/],
    [1, /unable to read the envelope: input\/output error/],
  ] as const) {
    const result = read('', '', 1, failing(descriptor));
    strictEqual(!result.ok && result.exitCode, 54);
    match(result.ok ? '' : result.problem, problem);
  }
});

test('a message that finds no room is a write error', () => {
  const real = nodeSystem([]);
  const bytes = new Uint8Array(65536);
  const system: System = {
    ...real,
    files: {
      ...real.files,
      read: (_descriptor, into) => {
        into.set(bytes.subarray(0, into.length));
        return into.length;
      },
      openTemporary() {
        throw new SystemError('ENOSPC', 'no space left');
      },
    },
  };
  const result = readSubmission(system, limits, truncated);
  strictEqual(!result.ok && result.exitCode, 53);
  match(result.ok ? '' : result.problem, /no space left/);
});
