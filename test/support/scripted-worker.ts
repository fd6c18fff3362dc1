/** A delivery worker on descriptor 3 that does what its jobs say, well and badly. */
import { Socket } from 'node:net';
import { serveJobs } from '../../src/spawn/index.ts';
import type { Answer } from '../../src/system/index.ts';
import { rawFrame } from './socket-pair.ts';

const [report, pong] = [2, 4];

const socket = new Socket({ fd: 3, allowHalfOpen: true });
const never = new Promise<never>(() => undefined);

/** What each job does. The number of a job is its place in the order in which they came. */
const deeds: Readonly<Record<string, (argument: string, number: number) => Answer | Promise<Answer>>> = {
  pid: () => ({ verdict: 'K', text: String(process.pid) }),
  slow: (ms) =>
    new Promise((resolve) => {
      setTimeout(() => resolve({ verdict: 'K', text: 'slow' }), Number(ms));
    }),
  never: () => never,
  die() {
    process.kill(process.pid, 'SIGKILL');
    return never;
  },
  exit: (code) => process.exit(Number(code)),
  unasked() {
    socket.write(rawFrame(pong, 0));
    return never;
  },
  answer(number) {
    socket.write(rawFrame(report, Number(number), 'Kdone'));
    return never;
  },
  verdict(letter, number) {
    socket.write(rawFrame(report, number, letter));
    return never;
  },
  flood() {
    const pour = () => {
      while (socket.write(Buffer.alloc(65_536, 0xff)));
      socket.once('drain', pour);
    };
    pour();
    return never;
  },
  close() {
    socket.destroy();
    setInterval(() => undefined, 1000);
    return never;
  },
  hang() {
    for (;;);
  },
  deaf() {
    setInterval(() => undefined, 1000);
    return { verdict: 'K', text: '' };
  },
  'last words'(_argument, number) {
    socket.write(rawFrame(report, number, 'Kdone'), () => process.kill(process.pid, 'SIGKILL'));
    return never;
  },
};

let jobs = 0;

await serveJobs(socket, async ([name = '', argument = '']) => {
  jobs += 1;
  const deed = deeds[name];
  if (deed === undefined) throw new Error(`no job ${name}`);
  return await deed(argument, jobs);
});
