import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { createRemoteSpawner, type RemoteSender } from '../../src/remote/index.ts';
import { type BodyFetcher, type CarryOut, spawnJobFields } from '../../src/spawn/index.ts';
import { createSpill } from '../../src/submit/index.ts';
import { bytesOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';

interface Bodies extends BodyFetcher {
  readonly fetched: string[];
  readonly released: string[];
}

/** Messages that say which token fetched them; `gone` fetches none. */
function bodies(): Bodies {
  const fetched: string[] = [];
  const released: string[] = [];
  return {
    fetched,
    released,
    async fetch(token, sizeBytes) {
      fetched.push(token);
      if (token === 'gone') throw new Error('this delivery is over');
      const spill = createSpill(nodeSystem([]));
      spill.write(bytesOf(`message of ${token}`));
      return {
        sizeBytes,
        chunks: () => spill.chunks(),
        descriptor: () => spill.descriptor(),
        release() {
          released.push(token);
          spill.close();
        },
      };
    },
    close: () => undefined,
  };
}

function program(text: string): string {
  const path = `${temporaryDirectory()}/qmail-remote`;
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

/** One that runs this program. */
function spawner(its: BodyFetcher, instead: string): CarryOut {
  const deliver = () => Promise.reject(new Error('nothing is sent from here'));
  return createRemoteSpawner({
    bodies: its,
    sender: { deliver, close: () => undefined },
    program: () => instead,
  });
}

function job(recipient: string, token = 'token'): readonly string[] {
  return spawnJobFields({ message: '1', token, sizeBytes: 16, sender: 's@x', recipient });
}

test('the host is what comes after the last @, and the message is on descriptor 0', async () => {
  const its = bodies();
  const carryOut = spawner(its, program(`printf 'K%s %s %s %s\\0' "$@" "$(cat)"`));
  deepStrictEqual(await carryOut(job('a@b@far.example')), {
    verdict: 'K',
    text: 'far.example s@x a@b@far.example message of token',
  });
  deepStrictEqual([its.fetched, its.released], [['token'], ['token']]);
});

test('addresses that begin with - read as options: a host that would be one is refused, as is none, without a message', async () => {
  const its = bodies();
  const carryOut = spawner(its, program('exit 0'));
  deepStrictEqual(await carryOut(job('nobody')), {
    verdict: 'D',
    text: 'Sorry, address must include host name. (#5.1.3)\n',
  });
  strictEqual((await carryOut(job('a@-oProxyCommand=x'))).verdict, 'D');
  deepStrictEqual(its.fetched, []);
});

test('a message that cannot be had, and what is no job, are errors', async () => {
  const its = bodies();
  const carryOut = spawner(its, program('exit 0'));
  await rejects(carryOut(job('a@b', 'gone')), { message: 'this delivery is over' });
  await rejects(carryOut(['what']), { message: 'qmail-send asked for no delivery' });
  deepStrictEqual(its.released, []);
});

test('a program that is missing defers, and the message is freed', async () => {
  const its = bodies();
  const carryOut = spawner(its, '/nonexistent/qmail-remote');
  strictEqual((await carryOut(job('a@b'))).verdict, 'Z');
  deepStrictEqual(its.released, ['token']);
});

test('recipients are sent to side by side, each with a message of its own', async () => {
  const its = bodies();
  const directory = temporaryDirectory();
  // Each waits until all are there.
  const waits = `: >'${directory}/'"$3"; while [ "$(ls '${directory}' | wc -l)" -lt 5 ]; do sleep 0.01; done`;
  const carryOut = spawner(its, program(`${waits}; printf 'K%s\\0' "$(cat)"`));
  const answers = await Promise.all(
    [1, 2, 3, 4, 5].map((number) => carryOut(job(`${number}@b`, `t${number}`))),
  );
  deepStrictEqual(
    answers.map(({ text }) => text),
    [1, 2, 3, 4, 5].map((number) => `message of t${number}`),
  );
});

test('without a program a job is handed on, and its message is fetched when it is asked for', async () => {
  const its = bodies();
  const seen: string[] = [];
  const sender: RemoteSender = {
    async deliver({ message, sender: from, recipient, fetch }) {
      const { body, release } = await fetch();
      seen.push(message, from, recipient, Buffer.concat([...body.chunks()]).toString('latin1'));
      release();
      return { verdict: 'K', text: 'sent' };
    },
    close: () => undefined,
  };
  const carryOut = createRemoteSpawner({ bodies: its, sender, program: () => undefined });
  deepStrictEqual(await carryOut(job('a@b')), { verdict: 'K', text: 'sent' });
  deepStrictEqual(seen, ['1', 's@x', 'a@b', 'message of token']);
  deepStrictEqual(its.released, ['token']);
  strictEqual((await carryOut(job('nobody'))).verdict, 'D');
});
