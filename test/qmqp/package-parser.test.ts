import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createPackageParser, formatPackage, type PackageLimits } from '../../qmqp/index.ts';
import { bytesOf, concatBytes, textOf } from '../../src/system/index.ts';
import { memoryInUse } from '../support/memory-in-use.ts';
import { inPieces } from '../support/pieces.ts';

const limits: PackageLimits = {
  messageBytesMax: 1000,
  addressBytesMax: 30,
  recipientsMax: 10,
  envelopeBytesMax: 500,
};

interface Seen {
  readonly state: string;
  readonly message: string | undefined;
  readonly envelope: unknown;
}

function parse(text: string, sizes: readonly number[] = [], own: Partial<PackageLimits> = {}): Seen {
  let announced: number | undefined;
  let message = '';
  const parser = createPackageParser(
    { ...limits, ...own },
    {
      begin(sizeBytes) {
        strictEqual(announced, undefined, 'the message begins once');
        announced = sizeBytes;
      },
      message(bytes) {
        message += textOf(bytes);
      },
    },
  );
  let state = parser.feed(new Uint8Array(0));
  for (const piece of inPieces(bytesOf(text), sizes)) state = parser.feed(piece);
  if (state.state === 'complete') strictEqual(message.length, announced);
  return {
    state: state.state === 'failed' ? state.problem : state.state,
    message: announced === undefined ? undefined : message,
    envelope: state.state === 'complete' ? state.envelope : undefined,
  };
}

function netstring(text: string): string {
  return `${text.length}:${text},`;
}

function packageOf(...parts: readonly string[]): string {
  return netstring(parts.map(netstring).join(''));
}

/** The netstrings that a text consists of, decoded at one go; undefined when it is none. */
function split(text: string): readonly string[] | undefined {
  const parts: string[] = [];
  let rest = text;
  while (rest !== '') {
    const found = /^(0|[1-9][0-9]*):/.exec(rest);
    const start = found?.[0].length ?? 0;
    const end = start + Number(found?.[1]);
    if (found === null || rest[end] !== ',') return undefined;
    parts.push(rest.slice(start, end));
    rest = rest.slice(end + 1);
  }
  return parts;
}

const request = packageOf('Subject: q\n\nbody\n', 's@x.y', 'a@b.c', 'd@e.f');

test('a request gives its message, sender and recipients', () => {
  deepStrictEqual(parse(request), {
    state: 'complete',
    message: 'Subject: q\n\nbody\n',
    envelope: { sender: 's@x.y', recipients: ['a@b.c', 'd@e.f'] },
  });
  deepStrictEqual(parse(packageOf('', '')).envelope, { sender: '', recipients: [] });
});

test('it is the same wherever the input is cut', () => {
  const whole = parse(request);
  deepStrictEqual(parse(request, [1]), whole);
  for (let first = 0; first <= request.length; first += 1) {
    deepStrictEqual(parse(request, [first, request.length]), whole);
    // Cut and never continued, it is not complete.
    if (first < request.length) strictEqual(parse(request.slice(0, first)).state, 'more');
  }
});

test('what was formatted is parsed, in pieces of any size', () => {
  const address = fc.string({
    unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: 30,
  });
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 1000 }),
      address,
      fc.array(address, { maxLength: 10 }),
      fc.array(fc.nat(100)),
      (bytes, sender, recipients, sizes) => {
        const message = { sizeBytes: bytes.length, chunks: () => [bytes] };
        const pack = formatPackage(message, { sender, recipients });
        const text = textOf(concatBytes(Array.from(pack.pieces(), (piece) => piece.slice())));
        const seen = parse(text, sizes);
        deepStrictEqual(seen.envelope, { sender, recipients });
        strictEqual(seen.message, textOf(bytes));
      },
    ),
  );
});

test('of all texts over 0 6 : , a with up to 12 letters, exactly the packages are complete', () => {
  const complete: string[] = [];
  const walk = (text: string) => {
    const { state } = parse(text);
    if (state === 'complete') complete.push(text);
    if (state === 'more' && text.length < 12) for (const letter of '06:,a') walk(text + letter);
  };
  walk('');
  for (const text of complete) {
    const outer = split(text);
    strictEqual(outer?.length, 1, text);
    ok((split(outer[0] ?? '')?.length ?? 0) >= 2, text);
  }
  // Six bytes hold two empty netstrings; there is no room for more.
  deepStrictEqual(complete, ['6:0:,0:,,']);
});

test('a request that any one byte was changed in is read as what it is', () => {
  fc.assert(
    fc.property(fc.nat(request.length - 1), fc.nat(255), fc.array(fc.nat(9)), (at, code, sizes) => {
      const text = request.slice(0, at) + String.fromCharCode(code) + request.slice(at + 1);
      const outer = split(text);
      const inner = outer?.length === 1 ? split(outer[0] ?? '') : undefined;
      const { state, message, envelope } = parse(text, sizes);
      if (inner === undefined || inner.length < 2) {
        ok(state !== 'complete' && state !== 'unacceptable', state);
      } else if (code === 0 && !inner[0]?.includes('\0')) {
        strictEqual(state, 'unacceptable');
      } else {
        const [body, sender, ...recipients] = inner;
        deepStrictEqual({ message, envelope }, { message: body, envelope: { sender, recipients } });
      }
    }),
  );
});

test('malformed input fails at the byte that makes it so', () => {
  const cases = [':', ' ', 'a', '-', '01', '1a', '5:a', '5::', '5:01', '5:1:a;', '6:3:abcX', '9:0:,0:,a'];
  // The inner length does not fit into the outer one; the sender is missing; the outer comma is wrong.
  cases.push('5:9', '4:3', '5:4', '4:1:a,,', '3:0:,,', '6:0:,0:,;', '7:0:,0:,0', '6:0:,0:,0');
  for (const text of cases) {
    strictEqual(parse(text).state, 'malformed', text);
    strictEqual(parse(text, [1]).state, 'malformed', text);
    strictEqual(parse(text.slice(0, -1)).state, 'more', text);
  }
});

test('an address that is too long or has a NUL is known at the end only', () => {
  const long = 'x'.repeat(31);
  for (const parts of [
    ['m', long, 'a@b'],
    ['m', 's', 'a@b', long, 'c@d'],
    ['m', 's', 'a\0b', 'c@d'],
    ['m', '\0', 'a@b'],
  ]) {
    const text = packageOf(...parts);
    for (const sizes of [[], [1], [7]]) {
      strictEqual(parse(text, sizes).state, 'unacceptable');
      strictEqual(parse(text.slice(0, -1), sizes).state, 'more');
      strictEqual(parse(`${text.slice(0, -1)};`, sizes).state, 'malformed');
    }
  }
  strictEqual(parse(packageOf('m\0', 'x'.repeat(30), 'x'.repeat(30))).state, 'complete');
});

test('a size over its limit is refused before a byte of what it announces', () => {
  strictEqual(parse('9999').state, 'message-too-large');
  strictEqual(parse('1100:1001:').state, 'message-too-large');
  strictEqual(parse('1100:1001:').message, undefined);
  strictEqual(parse('1100:1000:').state, 'more');
  strictEqual(parse('506:0:').state, 'envelope-too-large');
  strictEqual(parse('503:0:').state, 'more');
});

test('one recipient too many is refused at its length', () => {
  const eleven = Array.from({ length: 11 }, () => 'a@b');
  strictEqual(parse(packageOf('m', 's', ...eleven)).state, 'too-many-recipients');
  strictEqual(parse(packageOf('m', 's', ...eleven.slice(1))).state, 'complete');
});

test('20,000 recipients take little more memory than their bytes', () => {
  const recipients = Array.from({ length: 20_000 }, (_, index) => `user-${index}@example.net`);
  const bytes = bytesOf(packageOf('m', 's@x', ...recipients));
  const parser = createPackageParser(
    { ...limits, recipientsMax: 20_000, envelopeBytesMax: 1_000_000 },
    { begin() {}, message() {} },
  );
  const before = memoryInUse().heapBytes;
  const states = [...inPieces(bytes, [65536])].map((piece) => parser.feed(piece));
  ok(memoryInUse().heapBytes - before < 4_000_000);
  deepStrictEqual(states.at(-1), { state: 'complete', envelope: { sender: 's@x', recipients } });
});

test('what follows the request is ignored', () => {
  deepStrictEqual(parse(request + request), parse(request));
  deepStrictEqual(parse(`${request}x`, [1]), parse(request));
});
