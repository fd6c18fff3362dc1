import { match, rejects, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { askHub, controlPath } from '../../src/serve/index.ts';
import { controlRequest } from '../support/controlled.ts';
import { temporaryDirectory } from '../support/home.ts';

const hold = controlRequest('hold');

/** A hub that does what a test says with each client. */
async function listen(serve: (socket: Socket) => void) {
  const directory = temporaryDirectory();
  const server = createServer(serve);
  await new Promise<void>((resolve) => {
    server.listen(controlPath(directory), resolve);
  });
  return { directory, close: () => server.close() };
}

test('nobody listens: no socket, or a dead process has left it', async () => {
  const directory = temporaryDirectory();
  strictEqual(await askHub(directory, hold, () => undefined), false);
  strictEqual(await askHub(`${directory}/none`, hold, () => undefined), false);
  const script = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 9))`;
  spawnSync(process.execPath, ['-e', script, controlPath(directory)]);
  strictEqual(await askHub(directory, hold, () => undefined), false);
});

test('a hub that goes away, and one that talks nonsense', async () => {
  const heard: string[] = [];
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /the hub has gone away before the order was carried out to its end/],
    ['{"answer":"count","recipients":1,"messages":1}\n', /the hub has gone away/],
    ['{"answer":"done"', /the hub has gone away/],
    ['hello\n', /the hub's answer makes no sense/],
    ['{"answer":"perhaps"}\n', /the hub's answer makes no sense/],
    ['x'.repeat(70_000), /the hub's answer makes no sense/],
  ];
  for (const [text, problem] of cases) {
    const { directory, close } = await listen((socket) => {
      socket.on('error', () => undefined);
      socket.resume();
      socket.end(text);
    });
    await rejects(
      askHub(directory, hold, ({ answer }) => heard.push(answer)),
      problem,
    );
    close();
  }
  strictEqual(heard.join(), 'count');
});

test('answers in any pieces', async () => {
  const { directory, close } = await listen((socket) => {
    const text =
      '{"answer":"working"}\n{"answer":"count","recipients":1,"messages":1}\n{"answer":"done","recipients":1,"messages":1}\n';
    let at = 0;
    const next = () => {
      if (at === text.length) return;
      socket.write(text.charAt(at));
      at += 1;
      setImmediate(next);
    };
    next();
  });
  const heard: string[] = [];
  strictEqual(await askHub(directory, hold, ({ answer }) => heard.push(answer)), true);
  strictEqual(heard.join(), 'working,count,done');
  close();
});

test('the order as it was given is what the hub reads', async () => {
  let line = '';
  const { directory, close } = await listen((socket) => {
    socket.setEncoding('latin1');
    socket.on('data', (bytes: string) => {
      line += bytes;
      if (line.endsWith('\n')) socket.end('{"answer":"refused","text":"not today"}\n');
    });
  });
  strictEqual(
    await askHub(directory, controlRequest('hold', { senders: ['\xff@x'] }), () => undefined),
    true,
  );
  match(line, /^\{"order":"hold","filter":\{.*"senders":\["\\u00ff@x"\].*\}\n$/);
  close();
});

test('a filter has a size', async () => {
  const senders = Array.from({ length: 1000 }, (_, index) => `${index}`.padEnd(100, 'x'));
  await rejects(
    askHub(temporaryDirectory(), controlRequest('hold', { senders }), () => undefined),
    /the filter is longer than 65536 bytes/,
  );
});

test('what is no socket is an error that names it', async () => {
  const directory = temporaryDirectory();
  writeFileSync(`${directory}/queue`, '');
  await rejects(
    askHub(`${directory}/queue`, hold, () => undefined),
    /ENOTDIR.*queue\/control/,
  );
});
