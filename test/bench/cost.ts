/** What one run of a command costs: time, processor time, and memory while it waits. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The file on its descriptor 0. */
  readonly input: string;
  /** Words to be put before it, to run it on another host. */
  readonly within?: readonly string[];
  /** The files that it is made of, as seen from here, where they are not those of `program`. */
  readonly files?: readonly string[];
}

export interface RunCost {
  readonly wallMs: number;
  /** User and system time of the command, as wait4 reports it. */
  readonly cpuMs: number;
}

/** bash measures with wait4 and prints milliseconds; Node does not tell what a child has used. */
const timing = `TIMEFORMAT='%R %U %S'; time "$@" <"$0" >/dev/null 2>/dev/null; exit $?`;

function environment({ env }: Command): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', ...env };
}

/** Runs it to its end. Asynchronous, since the server that it talks to lives in this process. */
export async function timeCommand(command: Command): Promise<RunCost> {
  const { program, args, input, within = [] } = command;
  const [shell = '', ...words] = [...within, 'bash', '-c', timing, input, program, ...args];
  const child = spawn(shell, words, {
    env: environment(command),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let printed = '';
  child.stderr.on('data', (chunk: Buffer) => {
    printed += chunk.toString('latin1');
  });
  const [code] = await once(child, 'close');
  const [wall, user, system] = printed.trim().split(' ').map(Number);
  if (code !== 0 || wall === undefined || user === undefined || system === undefined) {
    throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${printed}`);
  }
  return { wallMs: wall * 1000, cpuMs: (user + system) * 1000 };
}

export interface MemoryCost {
  readonly peakMb: number;
  /** What is this process's own: private pages that were written to. */
  readonly privateMb: number;
  readonly threads: number;
}

/** The number behind a name in one of the kernel's tables. */
function field(text: string, name: string): number {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name}:`));
  return Number.parseInt(line?.slice(name.length + 1) ?? '', 10);
}

const kilobytesPerMegabyte = 1000 / 1.024;

export function memoryOf(pid: number): MemoryCost {
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'latin1');
  return memoryIn(read('status'), read('smaps_rollup'));
}

/** The most that was resident so far; 0 of one that has ended. The kernel tells it without a look at every page. */
export function peakMbOf(pid: number): number {
  return (field(readFileSync(`/proc/${pid}/status`, 'latin1'), 'VmHWM') || 0) / kilobytesPerMegabyte;
}

/** A tick of the kernel's table, on every Linux. */
const tickMs = 10;

/** User and system time of a process so far. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name may hold blanks; what follows it does not.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

function memoryIn(status: string, rollup: string): MemoryCost {
  return {
    peakMb: field(status, 'VmHWM') / kilobytesPerMegabyte,
    privateMb: field(rollup, 'Private_Dirty') / kilobytesPerMegabyte,
    threads: field(status, 'Threads'),
  };
}

/**
 * Starts a command, looks at its memory when it waits, and lets it end. `waits` is called with what to call then; what
 * it returns lets the command go on.
 */
export async function inspectWaiting(
  command: Command,
  waits: (isWaiting: () => void) => () => void,
): Promise<MemoryCost> {
  const { program, args, input } = command;
  const descriptor = openSync(input, 'r');
  const isWaiting = Promise.withResolvers<void>();
  const goOn = waits(isWaiting.resolve);
  const child = spawn(program, args, {
    env: environment(command),
    stdio: [descriptor, 'ignore', 'inherit'],
  });
  closeSync(descriptor);
  const ended = once(child, 'close');
  child.on('close', (code) => isWaiting.reject(new Error(`${program} ended with ${code} before it waited`)));
  await isWaiting.promise;
  const cost = memoryOf(child.pid ?? 0);
  goOn();
  await ended;
  return cost;
}

/** Waits until a program waits for more of its input, which it has all but the end of. Prints lines of the kernel's. */
const waitingForInput = `
mkfifo "$0"; input=$1; shift
"$@" <"$0" >/dev/null 2>&1 & pid=$!
exec 9>"$0"; cat "$input" >&9
seen=0
until [ $seen -eq 3 ]; do
  sleep 0.1
  if grep -q '^State:.S' /proc/$pid/status; then seen=$((seen + 1)); fi
done
cat /proc/$pid/status /proc/$pid/smaps_rollup
exec 9>&-; wait $pid; rm "$0"
`;

/** The memory of a program that talks to nobody, just before the end of its input. */
export function inspectReading(command: Command, fifo: string): MemoryCost {
  const { program, args, input, within = [] } = command;
  const [shell = '', ...words] = [...within, 'bash', '-c', waitingForInput, fifo, input, program, ...args];
  const { stdout, status } = spawnSync(shell, words, { encoding: 'latin1', env: environment(command) });
  if (status !== 0) throw new Error(`${program}: no look at its memory`);
  return memoryIn(stdout, stdout);
}

/** The files that are read to start it: the program, or what it is made of, and shared libraries. */
function filesOf({ program, files }: Command): readonly string[] {
  const paths = files ?? [
    spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim(),
  ];
  const libraries = paths.flatMap((path) => [
    ...spawnSync('ldd', [path], { encoding: 'utf8' }).stdout.matchAll(/(\/\S+) \(0x/g),
  ]);
  return [...new Set([...paths, ...libraries.map(([, path = '']) => path)])];
}

/** Takes its files out of the page cache, except for pages that another process has mapped. */
export function forgetPages(command: Command): void {
  for (const path of filesOf(command)) {
    spawnSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none']);
  }
}

export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}
