import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { networkIntake } from '../../src/programs/network-intake.ts';
import type { Queue } from '../../src/submit/index.ts';
import { bytesOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { captureQueue, temporaryDirectory, temporaryHome } from '../support/home.ts';
import { memoryIntake } from '../support/memory-intake.ts';

const envelope = { sender: 's@x', recipients: ['r@y'] };

const neverCalled: Queue = async () => {
  throw new Error('the queue itself was called');
};

interface Options {
  readonly controls?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly variables?: (host: string) => Readonly<Record<string, string>>;
}

function intakeOf({ controls = {}, env = {}, variables = () => ({}) }: Options) {
  const all: Readonly<Record<string, string>> = { QMAILHOME: temporaryHome(controls), ...env };
  const memory = memoryIntake();
  const intake = networkIntake({
    system: { ...nodeSystem([]), env: (name) => all[name] },
    builtIn: neverCalled,
    intake: memory,
    variables,
  });
  return {
    memory,
    async send(host: string) {
      const message = intake.begin({ caller: 'network', host, received: 'Received: x\n' });
      message.write(bytesOf('body\n'));
      return await message.commit(envelope);
    },
  };
}

test('without a program everything goes the shorter way', async () => {
  const { memory, send } = intakeOf({ variables: () => ({ SITE: 'a' }) });
  strictEqual((await send('192.0.2.1')).verdict, 'K');
  deepStrictEqual(
    memory.messages.map(({ text, envelope }) => [text, envelope]),
    [['Received: x\nbody\n', envelope]],
  );
});

test('a program stands in the place of the queue for everybody', async () => {
  for (const kind of ['env', 'controls'] as const) {
    const capture = captureQueue();
    const name = kind === 'env' ? 'QMAILQUEUE' : 'qmailqueue';
    const { memory, send } = intakeOf({ [kind]: { [name]: capture.program } });
    strictEqual((await send('192.0.2.1')).verdict, 'K');
    strictEqual(memory.begun, 0);
    strictEqual(capture.message(), 'Received: x\nbody\n');
    strictEqual(capture.envelope(), 'Fs@x\0Tr@y\0\0');
  }
});

test('a rule names a program for its clients, and variables for it', async () => {
  const directory = temporaryDirectory();
  const program = `${directory}/filter`;
  const script = `#!/bin/sh\ncat >/dev/null\necho "$SITE $TCPREMOTEIP $PROTO" >'${directory}/seen'\nexit 31\n`;
  writeFileSync(program, script, { mode: 0o755 });
  const { memory, send } = intakeOf({
    variables: (host) => (host === '192.0.2.1' ? { QMAILQUEUE: program, SITE: 'a b' } : {}),
  });
  strictEqual((await send('192.0.2.2')).verdict, 'K');
  strictEqual(memory.messages.length, 1);
  strictEqual((await send('192.0.2.1')).verdict, 'D');
  strictEqual(memory.begun, 1);
  match(readFileSync(`${directory}/seen`, 'latin1'), /^a b 192\.0\.2\.1 TCP\n$/);
});
