/**
 * A host of a test's own: a copy of this one on which root can make users, install and break things. Its files are
 * those here, and what is changed in it is gone when it closes; it has its own process numbers and its own network with
 * nothing but a loopback. Linux and root alone can do this.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PrivateRun {
  /** Descriptor 0; empty without it. Latin-1. */
  readonly stdin?: string;
  /** The whole environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Ended after this; a minute without it. */
  readonly timeoutMs?: number;
}

export interface PrivateResult {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PrivateHost {
  /** Its root directory, as seen from outside. */
  readonly root: string;
  /** Runs a program there to its end. Latin-1. */
  run(command: readonly string[], options?: PrivateRun): Promise<PrivateResult>;
  /** As run, and throws, with what it said, when it does not end with 0. Answers what it said on descriptor 1. */
  sh(script: string, options?: PrivateRun): Promise<string>;
  /** The words that start a program there, to be put before it. */
  command(words: readonly string[], cwd?: string): readonly string[];
  /** The words that start a program of this host in the network of that one. */
  readonly besides: readonly string[];
  close(): Promise<void>;
}

export interface PrivateHostOptions {
  /** Directories of this host that are there too, writable and on their own disk: path there, path here. */
  readonly binds?: Readonly<Record<string, string>>;
  /** A directory here whose files are its files; / without it. */
  readonly from?: string;
}

const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

const runMsMax = 60_000;

/** Makes the file system, and then waits as process 1 until its input ends. Arguments: directory, root, then pairs of paths. */
const setUp = `
set -e
here=$1 from=$2; shift 2
mount -t tmpfs -o mode=755 none "$here"
cd "$here"
mkdir changed work root
mount -t overlay overlay -o "lowerdir=$from,upperdir=$here/changed,workdir=$here/work" root
mount --rbind /dev root/dev
mount -t proc proc root/proc
mount -t tmpfs none root/run
while [ $# -gt 0 ]; do mkdir -p "root$2"; mount --bind "$1" "root$2"; shift 2; done
ip link set lo up
exec chroot root sh -c 'echo ready; exec cat'
`;

function isPossible(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const directory = mkdtempSync(join(tmpdir(), 'mini-qmail-host-'));
  const { status } = spawnSync('unshare', unshared(directory), {
    input: '',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  rmSync(directory, { recursive: true, force: true });
  return status === 0;
}

function unshared(
  directory: string,
  { binds = {}, from = '/' }: PrivateHostOptions = {},
): readonly string[] & string[] {
  const pairs = Object.entries(binds).flatMap(([there, here]) => [here, there]);
  const namespaces = ['--mount', '--pid', '--net', '--fork', '--kill-child', '--propagation', 'private'];
  return [...namespaces, 'sh', '-c', setUp, 'sh', directory, from, ...pairs];
}

/** Why there can be no private host, or false. */
export const privateHostMissing: string | false =
  !isPossible() && 'needs root on a Linux that lets it make namespaces and overlay mounts';

/** The processes that hold hosts, and the directories of these. */
const running = new Map<ChildProcess, string>();

// Not even a test that crashes leaves one.
process.once('exit', () => {
  for (const [child, directory] of running) {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
});

/** The process that unshare has made: process 1 of the host. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim());
}

export async function startPrivateHost(options: PrivateHostOptions = {}): Promise<PrivateHost> {
  const directory = mkdtempSync(join(tmpdir(), 'mini-qmail-host-'));
  const holder = spawn('unshare', unshared(directory, options), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  running.set(holder, directory);
  const closed = once(holder, 'close');
  await Promise.race([once(holder.stdout, 'data'), closed]);
  if (holder.pid === undefined || holder.exitCode !== null) throw new Error('no private host could be made');
  const first = childOf(holder.pid);
  // A host that nobody closes keeps no process from ending, and goes with it.
  const handles = [holder, holder.stdin as Socket, holder.stdout as Socket];
  for (const handle of handles) handle.unref();

  function command(words: readonly string[], cwd = '/'): readonly string[] {
    const enter = ['--target', String(first), '--mount', '--pid', '--net', `--root=/proc/${first}/root`];
    return ['nsenter', ...enter, `--wd=/proc/${first}/root${cwd}`, '--', ...words];
  }

  async function run(words: readonly string[], given: PrivateRun = {}): Promise<PrivateResult> {
    const [program = '', ...args] = command(words, given.cwd);
    const child = spawn(program, args, {
      env: { ...(given.env ?? environment) },
      stdio: 'pipe',
      timeout: given.timeoutMs ?? runMsMax,
      killSignal: 'SIGKILL',
    });
    const said = ['', ''];
    for (const [index, stream] of [child.stdout, child.stderr].entries()) {
      stream.setEncoding('latin1').on('data', (text: string) => {
        said[index] += text;
      });
    }
    child.stdin.on('error', () => undefined);
    child.stdin.end(given.stdin ?? '', 'latin1');
    const [exit] = await once(child, 'close');
    return { exit, stdout: said[0] ?? '', stderr: said[1] ?? '' };
  }

  return {
    root: `/proc/${first}/root`,
    run,
    async sh(script, given) {
      const { exit, stdout, stderr } = await run(['sh', '-ec', script], given);
      if (exit !== 0) throw new Error(`${script}\nended with ${exit}:\n${stdout}${stderr}`);
      return stdout;
    },
    command,
    besides: ['nsenter', '--target', String(first), '--net', '--'],
    async close() {
      for (const handle of handles) handle.ref();
      holder.stdin.end();
      await closed;
      running.delete(holder);
      if (existsSync(directory)) rmSync(directory, { recursive: true, force: true });
    },
  };
}
