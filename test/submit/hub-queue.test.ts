import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { existsSync, lstatSync, mkdirSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createSpill, hubQueue, type QueueOutcome } from '../../src/submit/index.ts';
import { bytesOf, type System } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryDirectory } from '../support/home.ts';
import { qmqpRequest } from '../support/qmqp-peer.ts';

const nonce = '0123456789abcdef';
const message = 'Subject: q\n\nb\0dy \xff\n';
const envelope = { sender: 's@x', recipients: ['a@b', ''] };
const request = qmqpRequest(message, envelope.sender, ...envelope.recipients);

type Serve = (socket: Socket, home: string) => void;

/** A home with a directory for proofs and, unless `serve` is missing, somebody at its intake socket. */
async function homeWith(context: TestContext, serve?: Serve): Promise<string> {
  const home = temporaryDirectory();
  mkdirSync(`${home}/queue/proof`, { recursive: true });
  if (serve === undefined) return home;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    serve(socket, home);
  });
  context.after(() => server.close());
  await new Promise<void>((resolve) => {
    server.listen(`${home}/queue/intake`, resolve);
  });
  return home;
}

async function submit(home: string): Promise<QueueOutcome> {
  const system: System = { ...nodeSystem([]), env: (name) => (name === 'QMAILHOME' ? home : undefined) };
  const spill = createSpill(system);
  spill.write(bytesOf(message));
  try {
    return await hubQueue(system, spill, envelope);
  } finally {
    spill.close();
  }
}

/** Greets with a nonce in the pieces given, and calls `then` when the whole package is there. */
function greeting(then: (socket: Socket, home: string, text: string) => void, pieces = [`16:${nonce},`]) {
  return (socket: Socket, home: string) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (text.length === request.length) then(socket, home, text);
    });
    for (const piece of pieces) socket.write(piece);
  };
}

test('without anybody at the socket: 62', async (context) => {
  const none = await submit(await homeWith(context));
  strictEqual(none.exitCode, 62);
  strictEqual(none.answer.verdict, 'Z');
  match(none.answer.text, /\(#4\.3\.0\).*is qmail-send running\?.*ENOENT.*\/queue\/intake/);
  const home = await homeWith(context);
  writeFileSync(`${home}/queue/intake`, '');
  strictEqual((await submit(home)).exitCode, 62);
});

test('the caller makes an empty file of its own under the name that it was given, and sends the package', async (context) => {
  const seen: unknown[] = [];
  const take = (socket: Socket, home: string, text: string) => {
    const proof = `${home}/queue/proof/${nonce}`;
    const { uid, size, mode, nlink } = lstatSync(proof);
    seen.push({ uid, size, mode: mode & 0o7777, nlink }, text);
    unlinkSync(proof);
    socket.end('8:Kok qp 7,');
  };
  const home = await homeWith(context, greeting(take, ['1', '6:0123456', '789abcdef', ',']));
  deepStrictEqual(await submit(home), { exitCode: 0, answer: { verdict: 'K', text: 'ok qp 7' } });
  deepStrictEqual(seen, [{ uid: process.getuid?.(), size: 0, mode: 0o400, nlink: 1 }, request]);
});

test('a proof that the hub did not take is taken back', async (context) => {
  const home = await homeWith(
    context,
    greeting((socket) => socket.end('3:Zno,')),
  );
  deepStrictEqual(await submit(home), { exitCode: 53, answer: { verdict: 'Z', text: 'no' } });
  deepStrictEqual(readdirSync(`${home}/queue/proof`), []);
});

test('D is 31', async (context) => {
  const home = await homeWith(
    context,
    greeting((socket) => socket.end('6:Dnever,')),
  );
  deepStrictEqual(await submit(home), { exitCode: 31, answer: { verdict: 'D', text: 'never' } });
});

test('a hub that is busy says so before it names anything', async (context) => {
  const home = await homeWith(context, (socket) => socket.end('30:Ztoo many connections (#4.3.2),'));
  deepStrictEqual(await submit(home), {
    exitCode: 53,
    answer: { verdict: 'Z', text: 'too many connections (#4.3.2)' },
  });
});

const hostile = {
  'a way out': '17:../../control/evil,',
  'a parent directory': '2:..,',
  'a NUL': '3:a\0b,',
  'letters that are no digits': '4:wxyz,',
  nothing: '0:,',
  'an absolute path': '9:/tmp/evil,',
  'no netstring': 'hello\n',
  'a leading zero': '04:abcd,',
  'too much': '2000:',
  'an acceptance before the message': '2:Kk,',
};

for (const [what, bytes] of Object.entries(hostile)) {
  test(`a greeting with ${what} makes no file and sends no message`, async (context) => {
    let received = 0;
    const home = await homeWith(context, (socket) => {
      socket.on('data', (chunk) => {
        received += chunk.length;
      });
      socket.write(bytes, 'latin1');
    });
    const { exitCode, answer } = await submit(home);
    strictEqual(exitCode, 74);
    match(answer.text, /^communication .*\(#4\.4\.2\): .*\/queue\/intake: it does not speak as it should$/);
    deepStrictEqual(readdirSync(home), ['queue']);
    deepStrictEqual(readdirSync(`${home}/queue/proof`), []);
    strictEqual(existsSync(`${home}/control`), false);
    strictEqual(received, 0);
  });
}

test('a name that is taken already is nobody’s proof, and stays', async (context) => {
  const home = await homeWith(
    context,
    greeting(() => {}),
  );
  writeFileSync(`${home}/queue/proof/${nonce}`, 'somebody’s');
  const { exitCode, answer } = await submit(home);
  strictEqual(exitCode, 74);
  match(answer.text, /EEXIST/);
  deepStrictEqual(readdirSync(`${home}/queue/proof`), [nonce]);
});

test('a hub that ends in the middle, wherever that is: 74', async (context) => {
  const endings: readonly Serve[] = [
    (socket) => socket.destroy(),
    (socket) => socket.end('16:0123'),
    greeting((socket) => socket.destroy()),
    greeting((socket) => socket.end('8:Kok q')),
    greeting((socket) => socket.end('no reply')),
  ];
  for (const ending of endings) {
    const home = await homeWith(context, ending);
    const { exitCode, answer } = await submit(home);
    deepStrictEqual([exitCode, answer.verdict], [74, 'Z']);
    deepStrictEqual(readdirSync(`${home}/queue/proof`), []);
  }
});
