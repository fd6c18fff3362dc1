/** Where the bench's relays send to: Postfix's smtp-sink, which answers at once, after a while, or from far away. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { unusedPort } from '../support/unused-port.ts';
import { type Pace, slowProxyProgram } from './slow-proxy.ts';
import { smtpSink } from './subjects.ts';

export interface RelaySink {
  readonly port: number;
  stop(): Promise<void>;
}

/** One kind of it, and what it is called in a table. */
export interface SinkKind {
  readonly name: string;
  readonly label: string;
  start(): Promise<RelaySink>;
}

const delayMs = 20;

async function startProxy(server: RelaySink, pace: Pace): Promise<RelaySink> {
  const port = await unusedPort();
  const args = [slowProxyProgram, ...[port, server.port, delayMs].map(String), pace];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  // It says when it listens.
  await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => Promise.reject(new Error('the proxy before the sink has ended'))),
  ]);
  return {
    port,
    async stop() {
      process.off('exit', kill);
      kill();
      await ended;
      await server.stop();
    },
  };
}

async function startSlow(pace: Pace): Promise<RelaySink> {
  return await startProxy(await smtpSink.start(), pace);
}

export const sinkKinds: readonly SinkKind[] = [
  { name: 'prompt', label: 'no delay', start: smtpSink.start },
  { name: 'slow', label: `${delayMs} ms a command`, start: () => startSlow('each') },
  { name: 'far', label: `${delayMs} ms away`, start: () => startSlow('far') },
];
