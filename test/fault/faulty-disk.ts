/**
 * A disk on which one operation goes wrong: faulty-disk.c, compiled when it is first needed, and told through a small
 * file what is to happen. A process that is started with `env` sees it below `directory`.
 */
import { strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, readSync, realpathSync, rmSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';
import { memoryDirectory } from '../support/memory-directory.ts';

const faults = ['none', 'fail', 'killed', 'torn', 'power'] as const;

/** What becomes of the operation that is struck: see faulty-disk.c. */
export type Fault = (typeof faults)[number];

export type DiskError = 'EIO' | 'ENOSPC';

export interface Arming {
  readonly fault: Fault;
  /** Which operation is struck, counted from 1. */
  readonly at: number;
  /** Whether those that follow it are struck too, until the disk is mended. */
  readonly lasting?: boolean;
  /** What `fail` fails with; EIO without it. */
  readonly error?: DiskError;
  /** Only operations count that have this in them, said as a path, a space and a name, such as "fsync". */
  readonly only?: string;
}

export interface FaultyDisk {
  /** Where operations are counted. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** Begins to count anew. */
  arm(arming: Arming): void;
  /** Nothing more goes wrong. What was counted stays to be read. */
  mend(): void;
  /** Operations since it was armed. */
  readonly seen: number;
  /** Those of them that went wrong. */
  readonly struck: number;
  /** The first that went wrong, such as "fsync store.sqlite-wal"; '' when none did. */
  readonly what: string;
}

function missing(): string | false {
  if (process.platform !== 'linux') return 'faulty-disk.c is for Linux';
  const { skip } = needs('cc');
  if (skip !== false) return skip;
  const { status } = spawnSync('cc', ['-E', '-include', 'stdio.h', '-x', 'c', '/dev/null'], {
    stdio: 'ignore',
  });
  return status !== 0 && 'the headers of the C library: not installed';
}

/** For the options of a test that needs such a disk. */
export const faultyDiskNeeds: { readonly skip: string | false } = { skip: missing() };

/** struct control in faulty-disk.c. */
const controlBytes = 232;
const place = { fault: 0, error: 4, first: 8, last: 16, seen: 24, struck: 32, only: 40, what: 104 } as const;
const onlyBytesMax = 63;
const always = 2n ** 64n - 1n;

let library: string | undefined;

function compiled(): string {
  if (library !== undefined) return library;
  const path = `${temporaryDirectory()}/faulty-disk.so`;
  const source = fileURLToPath(new URL('./faulty-disk.c', import.meta.url));
  const options = ['-shared', '-fPIC', '-O1', '-Wall', '-Wextra', '-Werror', '-pthread'];
  const { status, stderr } = spawnSync('cc', [...options, '-o', path, source], { encoding: 'utf8' });
  strictEqual(status, 0, stderr);
  library = path;
  return path;
}

export function makeFaultyDisk(): FaultyDisk {
  const directory = realpathSync(memoryDirectory());
  // On the same file system, but not below the directory.
  const kept = realpathSync(memoryDirectory());
  const control = `${temporaryDirectory()}/control`;
  const descriptor = openSync(control, 'w+');
  const bytes = Buffer.alloc(controlBytes);
  const numbers = new DataView(bytes.buffer, bytes.byteOffset, controlBytes);
  const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  const write = (from: number, length: number) => writeSync(descriptor, bytes, from, length, from);
  const read = () => readSync(descriptor, bytes, 0, controlBytes, 0);
  const count = (at: number) => {
    read();
    return Number(numbers.getBigUint64(at, little));
  };
  write(0, controlBytes);
  mkdirSync(`${directory}/homes`);
  return {
    directory: `${directory}/homes`,
    env: {
      LD_PRELOAD: compiled(),
      FAULTY_DISK_CONTROL: control,
      FAULTY_DISK_UNDER: `${directory}/homes`,
      FAULTY_DISK_KEPT: kept,
      // What goes by io_uring passes the library by.
      UV_USE_IO_URING: '0',
    },
    arm({ fault, at, lasting = false, error = 'EIO', only = '' }) {
      strictEqual(only.length <= onlyBytesMax, true, only);
      for (const name of readdirSync(kept)) rmSync(`${kept}/${name}`, { recursive: true });
      bytes.fill(0);
      write(0, controlBytes);
      numbers.setUint32(place.error, constants.errno[error], little);
      numbers.setBigUint64(place.first, BigInt(at), little);
      numbers.setBigUint64(place.last, lasting ? always : BigInt(at), little);
      bytes.write(only, place.only, 'latin1');
      write(place.error, controlBytes - place.error);
      numbers.setUint32(place.fault, faults.indexOf(fault), little);
      write(place.fault, 4);
    },
    mend() {
      numbers.setUint32(place.fault, 0, little);
      write(place.fault, 4);
    },
    get seen() {
      return count(place.seen);
    },
    get struck() {
      return count(place.struck);
    },
    get what() {
      read();
      const text = bytes.toString('latin1', place.what);
      return text.slice(0, text.indexOf('\0'));
    },
  };
}
