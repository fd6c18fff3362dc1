import { strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { spoolListing } from '../../src/programs/spool-listing.ts';
import type { SpooledMessage } from '../../src/satellite/later.ts';

const message: SpooledMessage = {
  entry: {
    arrivedMs: 1_794_214_478_000,
    id: '0123456789abcdef',
    sizeBytes: 321,
    tries: 0,
    unknownAt: [],
    unknownSinceMs: 0,
    claim: undefined,
  },
  isFailed: false,
  envelope: { sender: 's@x', recipients: ['r@y', 'b\n\xe9@z'] },
  problem: undefined,
};

function lines(own: Partial<SpooledMessage>, entry: Partial<SpooledMessage['entry']> = {}): string {
  return [...spoolListing([{ ...message, ...own, entry: { ...message.entry, ...entry } }])].join('');
}

test('a message and its recipients', () => {
  strictEqual(lines({}), '9 Nov 2026 08:54:38 GMT  #0123456789abcdef  321  <s@x>\n\tr@y\n\tb\\x0a\\xe9@z\n');
});

test('what is known of it besides', () => {
  const states: readonly (readonly [string, Partial<SpooledMessage>, Partial<SpooledMessage['entry']>])[] = [
    [' failed', { isFailed: true }, {}],
    [' sending', {}, { claim: 'f'.repeat(16) }],
    [' perhaps at 192.0.2.1:628', {}, { unknownAt: ['192.0.2.1:628'] }],
  ];
  for (const [text, own, entry] of states) {
    strictEqual(lines(own, entry).split('\n')[0]?.split('<s@x>')[1], text);
  }
  strictEqual(
    lines({ envelope: undefined, problem: 'it is\n damaged' }),
    '9 Nov 2026 08:54:38 GMT  #0123456789abcdef  321  \n\tcannot be read: it is\\x0a damaged\n',
  );
});
