/** A fresh Debian with the package of the native satellite, cron, mail, and no Node. */
import { deepStrictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { makeDebianPackage } from '../../build/debian-package.ts';
import { findTarget } from '../../build/targets.ts';
import { temporaryDirectory } from '../support/home.ts';
import { top } from '../support/top.ts';
import { makeFreshDebian } from './fresh-debian.ts';

/** Where the package puts the executable. */
export const packagedExecutable = '/usr/lib/mini-qmail/mini-qmail-tiny';

const installMsMax = 300_000;

/** Answers the directory. */
export async function makeSmallDebian(): Promise<string> {
  const directory = temporaryDirectory();
  makeFreshDebian(directory, ['cron']);
  const path = await makeDebianPackage({
    name: 'mini-qmail-tiny',
    target: findTarget(undefined),
    version: '0.1.0',
    built: join(top, 'dist'),
    output: temporaryDirectory(),
    compression: 'none',
    epoch: 0,
  });
  copyFileSync(path, join(directory, basename(path)));
  // Without a limit of memory: apt needs more. Of those who want a mail system, bsd-mailx takes ours.
  const install = `apt-get update -qq
    apt-get install -y -qq --no-install-recommends ./${basename(path)} bsd-mailx
    test "$(dpkg-query --show -f '\${Package}' 'mini-qmail-*')" = mini-qmail-tiny`;
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('chroot', [directory, 'sh', '-euc', install], { stdio: 'ignore', env, timeout: installMsMax });
  const nodes = execFileSync('find', [directory, '-xdev', '-name', 'node', '-type', 'f'], {
    encoding: 'utf8',
  });
  deepStrictEqual(nodes, '');
  return directory;
}
