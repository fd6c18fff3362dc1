/** The files of a package, laid out as they will lie on a host: programs, links, manual pages, licenses, services. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { hubPrograms } from '../src/programs/hub-table.ts';
import type { ProgramTable } from '../src/programs/program.ts';
import { satellitePrograms } from '../src/programs/satellite-table.ts';
import { tinyPrograms } from '../src/programs/tiny-table.ts';
import { top } from './bundle.ts';
import { writeManualPages } from './manual-pages.ts';
import { tinyLicenseDirectory, tinyLicenses } from './tiny-licenses.ts';

export type PackageName = 'mini-qmail-satellite' | 'mini-qmail-tiny' | 'mini-qmail-hub';

interface Contents {
  /** Its name in dist/ and in /usr/lib/mini-qmail. */
  readonly executable: 'mini-qmail' | 'mini-qmail-satellite' | 'mini-qmail-tiny';
  readonly programs: ProgramTable;
  /** Directories that are there from the start. */
  readonly directories: readonly string[];
  /** Other files: where from, and where to. */
  readonly files: Readonly<Record<string, string>>;
  /** For systems that start and stop things: not for a container. */
  readonly services: Readonly<Record<string, string>>;
  /** Where the terms of what is in the executable are. */
  readonly terms: readonly string[];
}

export const spoolDirectory = '/var/spool/mini-qmail';

const units = '/usr/lib/systemd/system';

function unitsOf(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.map((name) => [`scripts/service/mini-qmail-${name}`, `${units}/mini-qmail-${name}`]),
  );
}

/** What sends later. */
const flushes: Readonly<Record<string, string>> = {
  ...unitsOf('flush.service', 'flush.timer'),
  'build/debian/mini-qmail-flush.cron': '/etc/cron.d/mini-qmail-flush',
};

const nodeTerms = ['licenses/mini-qmail', 'licenses/minimist', 'licenses/node'];

export const contents: Readonly<Record<PackageName, Contents>> = {
  'mini-qmail-satellite': {
    executable: 'mini-qmail-satellite',
    programs: satellitePrograms,
    directories: ['/etc/mini-qmail'],
    files: {},
    services: {
      ...flushes,
      // For a box with several users, whose operator enables them.
      ...unitsOf('collector.socket', 'collector.service', 'collector-flush.timer', 'collector-flush.service'),
    },
    terms: nodeTerms,
  },
  'mini-qmail-tiny': {
    executable: 'mini-qmail-tiny',
    programs: tinyPrograms,
    directories: ['/etc/mini-qmail'],
    files: {},
    services: flushes,
    terms: tinyLicenses.map((name) => `${tinyLicenseDirectory}/${name}`),
  },
  'mini-qmail-hub': {
    executable: 'mini-qmail',
    programs: hubPrograms,
    directories: ['/etc/mini-qmail', '/var/qmail/users'],
    files: { 'scripts/service/rc': '/usr/share/mini-qmail/rc' },
    services: unitsOf('hub.service'),
    terms: nodeTerms,
  },
};

/** The names by which other programs call a mail system. */
const systemNames: Readonly<Record<string, readonly string[]>> = {
  sendmail: ['/usr/sbin/sendmail', '/usr/lib/sendmail'],
  mailq: ['/usr/bin/mailq'],
  newaliases: ['/usr/bin/newaliases'],
};

/** Debian has these in the package fastforward. */
const namesOfOthers: ReadonlySet<string> = new Set(['qmail-newaliases']);

/** Where a program is found by $PATH. Names that other packages may have, such as forward, are in /var/qmail/bin only. */
function pathsOf(program: string): readonly string[] {
  if (namesOfOthers.has(program)) return [];
  return systemNames[program] ?? (program.startsWith('qmail-') ? [`/usr/sbin/${program}`] : []);
}

export interface TreeOptions {
  readonly name: PackageName;
  /** Where the executables and their licenses are: dist, or the directory of another target. */
  readonly built: string;
  /** An empty directory, which becomes the root. */
  readonly root: string;
  readonly forContainer: boolean;
}

function put(root: string, path: string, bytes: string | Buffer, mode = 0o644): void {
  const to = join(root, path);
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
  writeFileSync(to, bytes, { mode });
}

function link(root: string, path: string, target: string): void {
  const from = join(root, path);
  mkdirSync(dirname(from), { recursive: true, mode: 0o755 });
  symlinkSync(target, from);
}

/** Pages of programs that are in $PATH lie where man looks; the others, whose names others may have, with the programs. */
async function putPages(root: string, programs: ProgramTable): Promise<void> {
  const directory = join(root, '.pages');
  for (const page of await writeManualPages(programs, directory)) {
    const [program = '', section = ''] = page.split('.');
    const place = pathsOf(program).length > 0 ? '/usr/share/man' : '/var/qmail/man';
    const bytes = gzipSync(readFileSync(join(directory, page)), { level: 9 });
    put(root, `${place}/man${section}/${page}.gz`, bytes);
  }
  rmSync(directory, { recursive: true });
}

/** The terms of everything that is in the executable. */
function copyright(built: string, terms: readonly string[]): string {
  // Not every host can say what the C library's are.
  const parts = terms
    .filter((path) => basename(path) !== 'c-library' || existsSync(join(built, path)))
    .map((path) => `${basename(path)}:\n\n${readFileSync(join(built, path), 'utf8')}`);
  return parts.join(`\n${'-'.repeat(72)}\n`);
}

function template(path: string): string {
  return readFileSync(join(top, path), 'utf8')
    .replaceAll('@USER@', 'root')
    .replaceAll('@SPOOL@', spoolDirectory);
}

export async function layOut({ name, built, root, forContainer }: TreeOptions): Promise<void> {
  const { executable, programs, directories, files, services, terms } = contents[name];
  const target = `/usr/lib/mini-qmail/${executable}`;
  put(root, target, '', 0o755);
  copyFileSync(join(built, executable), join(root, target));
  for (const program of Object.keys(programs)) {
    for (const path of [`/var/qmail/bin/${program}`, ...pathsOf(program)]) link(root, path, target);
  }
  for (const directory of directories) mkdirSync(join(root, directory), { recursive: true, mode: 0o755 });
  link(root, '/var/qmail/control', '/etc/mini-qmail');
  if (name === 'mini-qmail-hub') link(root, '/var/qmail/bin/mini-qmail', target);
  put(root, `/usr/share/doc/${name}/copyright`, copyright(built, terms));
  await putPages(root, programs);
  for (const [from, to] of Object.entries({ ...files, ...(forContainer ? {} : services) })) {
    put(root, to, template(from), to.endsWith('/rc') ? 0o755 : 0o644);
  }
}
