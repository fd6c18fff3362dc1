import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { openLineLog } from '../../src/process/index.ts';
import { temporaryDirectory } from '../support/home.ts';

interface Pipe {
  /** The end that a log writes to. */
  readonly descriptor: number;
  /** Reads until so many lines are there. */
  lines(count: number): Promise<readonly string[]>;
  closeReader(): Promise<void>;
  openReader(): void;
}

/** A pipe whose reader reads nothing until it is asked for lines. */
function openPipe(context: TestContext, flags = 0): Pipe {
  const path = `${temporaryDirectory()}/pipe`;
  execFileSync('mkfifo', [path]);
  let text = '';
  let reader: Socket;
  const openReader = () => {
    reader = new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), readable: true });
    reader.pause();
    reader.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
  };
  openReader();
  const descriptor = openSync(path, constants.O_WRONLY | flags);
  context.after(() => {
    reader.destroy();
    closeSync(descriptor);
  });
  return {
    descriptor,
    async lines(count) {
      reader.resume();
      while (text.split('\n').length <= count) await once(reader, 'data');
      reader.pause();
      return text.split('\n').slice(0, -1);
    },
    async closeReader() {
      reader.destroy();
      await once(reader, 'close');
    },
    openReader,
  };
}

function numbered(from: number, to: number): readonly string[] {
  return Array.from({ length: to - from }, (_, index) => `line ${from + index}`);
}

/** More than a pipe holds. */
const pipeLines = 10_000;

test('lines come out whole, in order and byte for byte', async () => {
  const path = `${temporaryDirectory()}/log`;
  const descriptor = openSync(path, 'a');
  const log = openLineLog(descriptor);
  const said = [...numbered(0, 1000), '\xe9\xff', ''];
  for (const [index, text] of said.entries()) {
    log.line(text);
    if (index % 100 === 0) await turn();
  }
  await log.flush();
  strictEqual(readFileSync(path, 'latin1'), `${said.join('\n')}\n`);
  await log.flush();
  closeSync(descriptor);
});

for (const [name, flags] of Object.entries({ blocking: 0, 'non-blocking': constants.O_NONBLOCK })) {
  test(`a ${name} pipe that is full holds up nobody, and nothing is lost`, async (context) => {
    const pipe = openPipe(context, flags);
    const log = openLineLog(pipe.descriptor);
    const said = numbered(0, pipeLines);
    const padding = 'x'.repeat(50);
    for (const text of said) log.line(`${text} ${padding}`);
    // The log has its turns to write, and the reader takes nothing.
    for (let turns = 0; turns < 10; turns += 1) await turn();
    await log.flush(1);
    log.line('last');
    const read = await pipe.lines(pipeLines + 1);
    deepStrictEqual(read, [...said.map((text) => `${text} ${padding}`), 'last']);
    await log.flush();
  });
}

test('what a reader is too slow for is counted in the log', async (context) => {
  const pipe = openPipe(context);
  const log = openLineLog(pipe.descriptor);
  const padding = 'x'.repeat(200_000);
  log.line(padding);
  await turn();
  await turn();
  for (const text of numbered(0, 100_005)) log.line(text);
  await pipe.lines(100_002);
  log.line('after');
  const read = await pipe.lines(100_003);
  strictEqual(read[0], padding);
  deepStrictEqual(read.slice(1, 100_001), numbered(0, 100_000));
  deepStrictEqual(read.slice(100_001), [
    'warning: 5 lines of the log are missing: its reader is too slow',
    'after',
  ]);
});

test('what is missing is said in the form of the log', async (context) => {
  const pipe = openPipe(context);
  const log = openLineLog(pipe.descriptor, (text) => [JSON.stringify({ event: 'warning', text })]);
  log.line('x'.repeat(200_000));
  await turn();
  await turn();
  for (const text of numbered(0, 100_001)) log.line(text);
  const read = await pipe.lines(100_002);
  strictEqual(
    read.at(-1),
    '{"event":"warning","text":"1 lines of the log are missing: its reader is too slow"}',
  );
});

test('lines that nobody reads are lost, and a later reader gets the later ones', async (context) => {
  const pipe = openPipe(context);
  const log = openLineLog(pipe.descriptor);
  await pipe.closeReader();
  log.line('into the void');
  await log.flush();
  log.line('again');
  await log.flush();
  pipe.openReader();
  log.line('heard');
  deepStrictEqual(await pipe.lines(1), ['heard']);
});

test('the end does not wait for ever for a reader', async (context) => {
  const pipe = openPipe(context, constants.O_NONBLOCK);
  const log = openLineLog(pipe.descriptor);
  log.line('x'.repeat(1_000_000));
  const startMs = performance.now();
  await log.flush(50);
  ok(performance.now() - startMs >= 49);
  strictEqual((await pipe.lines(1))[0]?.length, 1_000_000);
  await log.flush();
});
