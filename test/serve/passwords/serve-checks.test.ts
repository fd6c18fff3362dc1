import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { packFields } from '../../../src/process/index.ts';
import { checkFrame, newToken } from '../../../src/serve/passwords/check-protocol.ts';
import {
  type CheckCommand,
  openCheckLink,
  type ServeChecksOptions,
  serveChecks,
} from '../../../src/serve/passwords/index.ts';
import { bytesOf } from '../../../src/system/index.ts';
import { temporaryDirectory } from '../../support/home.ts';
import { script } from '../../support/script.ts';
import { closing, rawFrame, socketPair } from '../../support/socket-pair.ts';

const joe = { user: 'joe', password: 'secret', timestamp: '' };
const login = bytesOf('joe\0secret\0\0');

/** Lets joe in, and runs what it is to run. */
const keeper = `read -r line <&3 || :; exec 3<&-; [ "$line" = joesecret ] || exit 1; exec "$@"`;

interface Side {
  readonly link: ReturnType<typeof openCheckLink>;
  readonly done: Promise<void>;
  readonly lines: readonly string[];
  /** The next connection of a session. */
  session(): Promise<Socket>;
}

async function sides(
  context: TestContext,
  session: CheckCommand,
  more: Partial<ServeChecksOptions> = {},
): Promise<Side> {
  const [near, far] = await socketPair({ allowHalfOpen: true });
  const path = `${temporaryDirectory()}/sessions`;
  const server = createServer({ allowHalfOpen: true }).listen(path);
  await once(server, 'listening');
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const done = serveChecks(far, {
    command: [script(keeper)],
    session,
    connectSession: () => {
      const socket = connect(path);
      return socket.pause();
    },
    log,
    ...more,
  });
  const link = openCheckLink({ socket: near, log, onLost: () => undefined });
  context.after(() => {
    near.destroy();
    server.close();
  });
  return { link, done, lines, session: async () => (await once(server, 'connection'))[0] as Socket };
}

async function wholeOf(socket: Socket): Promise<string> {
  let text = '';
  for await (const piece of socket.setEncoding('latin1')) text += piece;
  return text;
}

test('a login is checked, and nothing is run for who it is', async (context) => {
  const { link, done } = await sides(context, ['sh', '-c', 'exit 5']);
  strictEqual(await link.check(joe, '192.0.2.7'), 'accepted');
  strictEqual(await link.check({ ...joe, password: 'wrong' }, '192.0.2.7'), 'refused');
  link.close();
  await done;
});

test('a session has a connection to the server, with the token first', async (context) => {
  const { link, session } = await sides(context, [
    'sh',
    '-c',
    'echo hello; read -r line; echo "got $line"; exit 5',
  ]);
  const token = newToken();
  const coming = session();
  const asked = link.open(login, '192.0.2.7', token);
  const socket = await coming;
  // Sent at once: nobody but the program may take it.
  socket.write('a line\n');
  strictEqual(await wholeOf(socket), `${token}\nhello\ngot a line\n`);
  strictEqual(await asked.ended, 5);
  socket.destroy();
});

test('who is refused has no session', async (context) => {
  const { link, session } = await sides(context, ['echo', 'hello']);
  const token = newToken();
  const coming = session();
  const asked = link.open(bytesOf('joe\0wrong\0\0'), '192.0.2.7', token);
  const socket = await coming;
  strictEqual(await wholeOf(socket), `${token}\n`);
  strictEqual(await asked.ended, 1);
  socket.destroy();
});

test('a session is ended when the server wants it', async (context) => {
  const { link, session } = await sides(context, ['sh', '-c', 'echo hello; sleep 1000']);
  const coming = session();
  const asked = link.open(login, '192.0.2.7', newToken());
  const socket = await coming;
  socket.setEncoding('latin1');
  let text = '';
  while (!text.includes('hello')) text += (await once(socket, 'data'))[0];
  asked.kill();
  strictEqual(await asked.ended, 'SIGKILL');
  socket.destroy();
});

test('what cannot be started, or has no connection, is said and logged', async (context) => {
  const missing: CheckCommand = [`${temporaryDirectory()}/missing`];
  const none = await sides(context, ['true'], { command: missing });
  strictEqual(await none.link.check(joe, '192.0.2.7'), 'temporary');
  match(none.lines.join('\n'), /^alert: .*missing: unable to start it/);
  const alone = await sides(context, ['true'], {
    connectSession: () => connect(`${temporaryDirectory()}/nobody`).pause(),
  });
  match(
    String(await alone.link.open(login, '192.0.2.7', newToken()).ended),
    /no connection to the server: .*ENOENT/,
  );
});

test('a check that takes too long', async (context) => {
  const { link, lines } = await sides(context, ['true'], { command: [script('sleep 1000')], checkMsMax: 20 });
  strictEqual(await link.check(joe, '192.0.2.7'), 'temporary');
  match(lines.join('\n'), /it took more than 0.02 seconds/);
});

test('sessions go on when the server is gone, and are waited for', async (context) => {
  const { link, session, done } = await sides(context, ['sh', '-c', 'read -r line; exit 0']);
  const coming = session();
  link.open(login, '192.0.2.7', newToken());
  const socket = await coming;
  let isDone = false;
  const ending = done.then(() => {
    isDone = true;
  });
  link.close();
  await new Promise(setImmediate);
  strictEqual(isDone, false);
  socket.end('the last line\n');
  await ending;
});

test('what no server of ours would say closes the channel', async () => {
  const token = newToken();
  const fields = (...all: readonly string[]) => packFields(all);
  const wrong = [
    rawFrame(9, 1, fields('x\0y\0\0', '::1')),
    rawFrame(checkFrame.check, 1, 'no fields'),
    rawFrame(checkFrame.check, 1, fields('x\0y\0\0')),
    rawFrame(checkFrame.check, 1, fields('x'.repeat(513), '::1')),
    rawFrame(checkFrame.check, 1, fields('x\0y\0\0', 'x'.repeat(101))),
    rawFrame(checkFrame.check, 1, fields('x\0y\0\0', '::1', token)),
    rawFrame(checkFrame.open, 1, fields('x\0y\0\0', '::1')),
    rawFrame(checkFrame.open, 1, fields('x\0y\0\0', '::1', `${token.slice(1)}/`)),
    rawFrame(checkFrame.open, 1, fields('x\0y\0\0', '::1', token, 'more')),
    rawFrame(checkFrame.ended, 1, '0'),
    rawFrame(checkFrame.check, 1, Buffer.alloc(3000)),
  ];
  for (const frame of wrong) {
    const [near, far] = await socketPair();
    const started: string[] = [];
    const done = serveChecks(far, {
      command: ['false'],
      session: ['false'],
      connectSession() {
        started.push('session');
        throw new Error('none');
      },
      log: () => undefined,
    });
    near.write(frame);
    await closing(near);
    await done;
    deepStrictEqual(started, []);
  }
});
