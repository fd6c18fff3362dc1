import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { type Manual, parseCommandLine } from '../../src/manual/index.ts';
import { isListening, listenOptions, openPlaces } from '../../src/programs/listen-places.ts';
import { memorySystem } from '../support/memory-system.ts';

const manual: Manual = {
  name: 'server',
  section: 8,
  purpose: 'serve',
  synopsis: [''],
  description: [],
  exitCodes: [],
  options: listenOptions('TLS'),
};

function lineOf(...args: readonly string[]) {
  const parsed = parseCommandLine(manual, args);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.line;
}

async function open(...args: readonly string[]) {
  const { system, output } = memorySystem();
  const opened: unknown[] = [];
  const exit = await openPlaces({
    system,
    line: lineOf(...args),
    name: 'server',
    protocols: ['clear', 'tls'],
    async listen(place, secure) {
      opened.push([place, secure]);
      if ('descriptor' in place && place.descriptor === 9) throw new Error('EBADF');
      return { address: '127.0.0.1', port: 7 };
    },
  });
  return { exit, opened, stdout: output(1), stderr: output(2) };
}

test('each place is opened and printed', async () => {
  const { exit, opened, stdout } = await open(
    ...[
      '--secure-listen',
      '[::1]:465',
      '--listen',
      '127.0.0.1:25',
      '--descriptor',
      '3',
      '--secure-descriptor',
      '4',
    ],
  );
  strictEqual(exit, undefined);
  deepStrictEqual(opened, [
    [{ address: '127.0.0.1', port: 25 }, false],
    [{ descriptor: 3 }, false],
    [{ address: '::1', port: 465 }, true],
    [{ descriptor: 4 }, true],
  ]);
  strictEqual(stdout, 'listening clear 127.0.0.1:7\n'.repeat(2) + 'listening tls 127.0.0.1:7\n'.repeat(2));
});

test('what is no place, and what cannot be listened on', async () => {
  for (const args of [
    ['--listen', 'here'],
    ['--descriptor', '2'],
    ['--descriptor', 'x'],
    ['--descriptor', '1001'],
  ])
    strictEqual((await open(...args)).exit, 100, args.join(' '));
  const failed = await open('--descriptor', '9');
  strictEqual(failed.exit, 111);
  match(failed.stderr, /unable to listen on 9: EBADF/);
});

test('without any of the options nothing is listened on', () => {
  strictEqual(isListening(lineOf()), false);
  strictEqual(isListening(lineOf('--secure-descriptor', '3')), true);
});
