import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { followForwardFile, lookUpForwardFile } from '../../src/alias/dot-forward.ts';
import type { Queue } from '../../src/submit/index.ts';
import type { System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory, temporaryHome } from '../support/home.ts';

const directory = temporaryDirectory();

const variables: Readonly<Record<string, string>> = {
  QMAILHOME: temporaryHome(),
  USER: 'joe',
  HOST: 'here',
  NEWSENDER: 'new@x',
  UFLINE: 'U\n',
  RPLINE: 'R\n',
  DTLINE: 'D\n',
};
const real = nodeSystem([]);
/** With an empty message. */
const system: System = {
  ...real,
  env: (name) => variables[name],
  files: {
    ...real.files,
    read: (descriptor, into) => (descriptor === 0 ? 0 : real.files.read(descriptor, into)),
    readAt: (descriptor, into, at) => (descriptor === 0 ? 0 : real.files.readAt(descriptor, into, at)),
  },
};

test('a file is read with the names of its user and of the host', () => {
  const path = `${directory}/forward`;
  writeFileSync(path, 'joe, ann, bob@b+\n');
  deepStrictEqual(lookUpForwardFile(system, path), {
    steps: [
      { kind: 'address', text: 'bob@b.test' },
      { kind: 'address', text: 'ann@ref.test' },
    ],
    direct: true,
  });
  strictEqual(lookUpForwardFile(system, `${directory}/none`), undefined);
  deepStrictEqual(lookUpForwardFile(system, '/dev/null'), { steps: [], direct: false });
  throws(() => lookUpForwardFile(system, directory), /no regular file/);
});

test('programs get the lines of the delivery, and what is forwarded its new sender', async () => {
  const seen: unknown[] = [];
  const queue: Queue = async (_system, message, envelope) => {
    seen.push(message.sizeBytes, envelope);
    return { exitCode: 0, answer: { verdict: 'K', text: 'ok' } };
  };
  const said = await followForwardFile(system, queue, {
    steps: [
      { kind: 'address', text: 'a@b' },
      { kind: 'program', text: `cat >${directory}/program` },
    ],
    direct: false,
  });
  strictEqual(said, 'ok');
  deepStrictEqual(seen, [2, { sender: 'new@x', recipients: ['a@b'] }]);
  strictEqual(readFileSync(`${directory}/program`, 'latin1'), 'U\nR\nD\n');
});
