/** Postfix's smtp-sink on the loopback: an SMTP server that refuses, drops or waits as it is told. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { findProgram } from './foreign.ts';
import { until } from './until.ts';
import { unusedPort } from './unused-port.ts';

const program = findProgram('smtp-sink');

/** Why there can be none, for the options of a test. */
export const sinkMissing: string | false =
  program === undefined && 'smtp-sink: not installed (Debian: postfix)';

/** Answers its port. */
export async function startSmtpSink(context: TestContext, ...options: readonly string[]): Promise<number> {
  const port = await unusedPort();
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn(program ?? '', [...user, ...options, `127.0.0.1:${port}`, '100'], { stdio: 'ignore' });
  context.after(() => child.kill('SIGKILL'));
  const isListening = async () => {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return true;
    } catch {
      return undefined;
    } finally {
      socket.destroy();
    }
  };
  await until('smtp-sink to listen', isListening);
  return port;
}
