/** Debian packages and tar files, the same to the byte whenever they are made of the same files. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { top } from './bundle.ts';
import { contents, layOut, type PackageName } from './package-tree.ts';
import type { Target } from './targets.ts';

export type Compression = 'none' | 'gzip' | 'xz';

export interface PackageOptions {
  readonly name: PackageName;
  readonly target: Target;
  readonly version: string;
  /** Where the executables are. */
  readonly built: string;
  /** Where the package goes. */
  readonly output: string;
  readonly compression: Compression;
  /** Seconds since 1970: the time of every file. */
  readonly epoch: number;
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

export function architectureOf(target: Target): string {
  const found = architectures[target.arch];
  if (found === undefined) throw new Error(`${target.name}: not known by its name in Debian`);
  return found;
}

const descriptions: Readonly<Record<PackageName, string>> = {
  'mini-qmail-satellite': `sendmail that hands each message to a hub
 The programs that cron, scripts and monitors call to send mail. Each message
 goes to a hub over QMQP; what no hub takes waits in a spool. No process stays,
 and no program has special rights.`,
  'mini-qmail-tiny': `sendmail that hands each message to a hub, for small boxes
 The programs of mini-qmail-satellite in a small executable that needs no
 library, for boxes that cannot hold the other: without its doctor, its
 collector and TLS of its own. What it sends and keeps is the same.`,
  'mini-qmail-hub': `mail hub for many small machines
 Takes messages from satellites, keeps them, and delivers or bounces them.`,
};

/** What Node needs. */
const nodeDependencies = 'libc6 (>= 2.28), libstdc++6, libatomic1, ';

const dependencies: Readonly<Record<PackageName, string>> = {
  'mini-qmail-satellite': `${nodeDependencies}init-system-helpers (>= 1.54)`,
  'mini-qmail-tiny': 'init-system-helpers (>= 1.54)',
  'mini-qmail-hub': `${nodeDependencies}init-system-helpers (>= 1.54), passwd`,
};

/** Whose scripts a package has: both satellites are installed and removed in the same way. */
const scriptsOf: Readonly<Record<PackageName, string>> = {
  'mini-qmail-satellite': 'mini-qmail-satellite',
  'mini-qmail-tiny': 'mini-qmail-satellite',
  'mini-qmail-hub': 'mini-qmail-hub',
};

const scripts = ['postinst', 'prerm', 'postrm'] as const;

function controlText({ name, target, version }: PackageOptions, kilobytes: number): string {
  return `Package: ${name}
Version: ${version}
Architecture: ${architectureOf(target)}
Maintainer: the mini-qmail project <postmaster@localhost>
Section: mail
Priority: optional
Installed-Size: ${kilobytes}
Depends: ${dependencies[name]}
Provides: mail-transport-agent
Conflicts: mail-transport-agent
Replaces: mail-transport-agent
Description: ${descriptions[name]}
`;
}

/** Every file under a root, links as well, by its path there. */
function filesUnder(root: string): readonly string[] {
  return globSync('**/*', { cwd: root })
    .filter((path) => !path.startsWith('DEBIAN') && !lstatSync(join(root, path)).isDirectory())
    .sort();
}

function writeControl(options: PackageOptions, root: string): void {
  const paths = filesUnder(root);
  const regular = paths.filter((path) => lstatSync(join(root, path)).isFile());
  const sizeBytes = regular.reduce((sum, path) => sum + lstatSync(join(root, path)).size, 0);
  const directory = join(root, 'DEBIAN');
  mkdirSync(directory, { mode: 0o755 });
  writeFileSync(join(directory, 'control'), controlText(options, Math.ceil(sizeBytes / 1024)));
  const sums = regular.map(
    (path) =>
      `${createHash('md5')
        .update(readFileSync(join(root, path)))
        .digest('hex')}  ${path}\n`,
  );
  writeFileSync(join(directory, 'md5sums'), sums.join(''));
  const conffiles = Object.values(contents[options.name].services).filter((path) => path.startsWith('/etc/'));
  if (conffiles.length > 0) writeFileSync(join(directory, 'conffiles'), `${conffiles.join('\n')}\n`);
  for (const script of scripts) {
    copyFileSync(join(top, 'build/debian', scriptsOf[options.name], script), join(directory, script));
    chmodSync(join(directory, script), 0o755);
  }
}

/** Lays the files out in a directory of its own, has `make` do something with it, and puts what that made in its place. */
async function withTree(
  options: PackageOptions,
  forContainer: boolean,
  fileName: string,
  make: (root: string, fresh: string) => void,
): Promise<string> {
  mkdirSync(options.output, { recursive: true });
  const directory = mkdtempSync(join(options.output, '.tree-'));
  try {
    const root = join(directory, 'root');
    mkdirSync(root, { mode: 0o755 });
    await layOut({ name: options.name, built: options.built, root, forContainer });
    const fresh = join(directory, fileName);
    make(root, fresh);
    const path = join(options.output, fileName);
    renameSync(fresh, path);
    return path;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function environment(epoch: number): NodeJS.ProcessEnv {
  return { ...process.env, SOURCE_DATE_EPOCH: String(epoch) };
}

/** Answers its path. */
export function makeDebianPackage(options: PackageOptions): Promise<string> {
  const { name, version, target, compression, epoch } = options;
  const fileName = `${name}_${version}_${architectureOf(target)}.deb`;
  return withTree(options, false, fileName, (root, fresh) => {
    writeControl(options, root);
    // A umask of whoever builds must not reach a host.
    execFileSync('chmod', ['-R', 'u=rwX,go=rX', root]);
    const flags = ['--root-owner-group', `-Z${compression}`, '--build'];
    execFileSync('dpkg-deb', [...flags, root, fresh], { env: environment(epoch), stdio: 'pipe' });
  });
}

const suffixes: Readonly<Record<Compression, string>> = { none: '.tar', gzip: '.tar.gz', xz: '.tar.xz' };
const programs: Readonly<Record<Compression, readonly string[]>> = {
  none: [],
  gzip: ['--use-compress-program=gzip -n'],
  xz: ['--xz'],
};

/** The same files for the root of a container's image, without what starts and stops things. Answers its path. */
export function makeTar(options: PackageOptions): Promise<string> {
  const { name, version, target, compression, epoch } = options;
  const fileName = `${name}-${version}-linux-${architectureOf(target)}${suffixes[compression]}`;
  return withTree(options, true, fileName, (root, fresh) => {
    execFileSync('chmod', ['-R', 'u=rwX,go=rX', root]);
    const order = [
      '--sort=name',
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      `--mtime=@${epoch}`,
      '--format=gnu',
    ];
    const entries = globSync('*', { cwd: root }).sort();
    execFileSync('tar', [...order, ...programs[compression], '-C', root, '-cf', fresh, ...entries]);
  });
}
