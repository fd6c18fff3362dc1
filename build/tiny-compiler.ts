/** The machines for which the native satellite can be made, and the C compiler for each. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface TinyTarget {
  /** As in --target. */
  readonly name: string;
  /** Node's name for the machine. */
  readonly arch: string;
  /** The C compiler of Debian that makes executables for it on other machines. */
  readonly cross: string;
  /** How Debian names the machine, and its emulator in qemu-user. */
  readonly debian: string;
  readonly emulator: string;
}

export const tinyTargets: readonly TinyTarget[] = [
  { name: 'linux-x64', arch: 'x64', cross: 'x86_64-linux-gnu-gcc', debian: 'amd64', emulator: 'qemu-x86_64' },
  {
    name: 'linux-arm64',
    arch: 'arm64',
    cross: 'aarch64-linux-gnu-gcc',
    debian: 'arm64',
    emulator: 'qemu-aarch64',
  },
  {
    name: 'linux-armhf',
    arch: 'arm',
    cross: 'arm-linux-gnueabihf-gcc',
    debian: 'armhf',
    emulator: 'qemu-arm',
  },
  {
    name: 'linux-mipsel',
    arch: 'mipsel',
    cross: 'mipsel-linux-gnu-gcc',
    debian: 'mipsel',
    emulator: 'qemu-mipsel',
  },
];

/** The target of that name, or without a name the one of this machine. */
export function findTinyTarget(name: string | undefined): TinyTarget {
  const found = tinyTargets.find((target) =>
    name === undefined ? target.arch === process.arch : target.name === name,
  );
  if (found !== undefined) return found;
  const names = tinyTargets.map((target) => target.name).join(' ');
  throw new Error(`no native executable can be made for ${name ?? process.arch}; targets: ${names}`);
}

export interface Compiler {
  readonly command: string;
  /** For each file: whether the executable may lie anywhere. */
  readonly flags: readonly string[];
  /** What stands before the objects, and behind them, when a static executable is linked that may lie anywhere. */
  readonly linkBefore: readonly string[];
  readonly linkBehind: readonly string[];
}

export function isCommand(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

function ask(command: string, question: string): string {
  return spawnSync(command, [question], { encoding: 'utf8' }).stdout.trim();
}

const anywhere: readonly string[] = ['-fPIE'];

const fixed: readonly string[] = ['-fno-pie'];

/** musl-gcc has no -static-pie: what that means is said here. */
function muslCompiler(): Compiler | undefined {
  if (!isCommand('musl-gcc')) return undefined;
  const directory = `/usr/lib/${ask('gcc', '-print-multiarch').replace('-gnu', '-musl')}`;
  const own = (name: string) => `${directory}/${name}`;
  const compilers = (name: string) => ask('gcc', `-print-file-name=${name}`);
  if (!existsSync(own('rcrt1.o')))
    return { command: 'musl-gcc', flags: fixed, linkBefore: ['-static'], linkBehind: [] };
  return {
    command: 'musl-gcc',
    flags: anywhere,
    linkBefore: [
      ...['-static', '-nostartfiles', '-Wl,-pie,--no-dynamic-linker,-z,text'],
      ...[own('rcrt1.o'), own('crti.o'), compilers('crtbeginS.o')],
    ],
    linkBehind: [compilers('crtendS.o'), own('crtn.o')],
  };
}

/** The smallest that is there: musl's for this machine, else the C library that the compiler brings. */
export function findCompiler(target: TinyTarget): Compiler {
  const isHere = target.arch === process.arch;
  const musl = isHere ? muslCompiler() : undefined;
  if (musl !== undefined) return musl;
  const command = isHere ? 'cc' : target.cross;
  if (!isCommand(command)) {
    const packages = isHere ? 'musl-tools, or gcc and libc6-dev' : `gcc-${target.cross.replace(/-gcc$/, '')}`;
    throw new Error(`there is no ${command} (on Debian: ${packages.replaceAll('_', '-')})`);
  }
  // Not every C library of Debian has what a static executable begins with that may lie anywhere.
  const hasStart = ask(command, '-print-file-name=rcrt1.o').startsWith('/');
  return hasStart
    ? { command, flags: anywhere, linkBefore: ['-static-pie'], linkBehind: [] }
    : { command, flags: fixed, linkBefore: ['-static', '-no-pie'], linkBehind: [] };
}
