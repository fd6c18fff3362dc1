/**
 * nullmailer and dma, whose paths are fixed when they are built and which cannot be installed beside another mail
 * system: from their packages, on a private host. What is measured is the program that a caller waits for; it leaves
 * the message in a spool of its own, and a daemon, or a child that goes on, sends it.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { privateHostMissing, startPrivateHost } from '../support/private-host.ts';
import { files } from '../support/sources.ts';
import { top } from '../support/top.ts';
import type { Command } from './cost.ts';

export interface Injectors {
  readonly commands: readonly { readonly name: string; readonly command: Command; readonly shown: string }[];
  close(): Promise<void>;
}

const packages = files('dist/peers/clients/{nullmailer,dma}_*.deb');

/** Whether both can be had. scripts/test fetches the packages. */
export const hasInjectors: boolean = packages.length === 2 && privateHostMissing === false;

const setUp = `
ln -sf /peers/usr/sbin/nullmailer-queue /usr/sbin/nullmailer-queue
cp -a /peers/etc/nullmailer /peers/etc/dma /etc/
cp -a /peers/var/spool/nullmailer /peers/var/spool/dma /var/spool/
cp /peers/usr/share/dma/dma.conf /etc/dma/
echo 'SMARTHOST 127.0.0.1' >>/etc/dma/dma.conf
mkfifo /var/spool/nullmailer/trigger
chown mail /var/spool/nullmailer/trigger
echo box.example >/etc/mailname
`;

/** `directory` holds the input and takes the programs; it is on a disk. The caller closes. */
export async function startInjectors(
  directory: string,
  input: string,
  recipient: string,
): Promise<Injectors> {
  const place = join(directory, 'peers');
  mkdirSync(place);
  for (const path of packages) execFileSync('dpkg-deb', ['-x', join(top, path), place]);
  const host = await startPrivateHost({ binds: { '/peers': place, [directory]: directory } });
  try {
    await host.sh(setUp);
  } catch (error) {
    await host.close();
    throw error;
  }
  const named = (name: string, path: string, args: readonly string[], also: readonly string[] = []) => ({
    name,
    command: {
      program: `/peers${path}`,
      args,
      input,
      within: host.command([]),
      files: [path, ...also].map((file) => `${place}${file}`),
    },
    shown: `${path} ${args.join(' ')} <MESSAGE`,
  });
  return {
    commands: [
      named('nullmailer-inject', '/usr/bin/nullmailer-inject', [recipient], ['/usr/sbin/nullmailer-queue']),
      named('dma', '/usr/sbin/dma', [recipient]),
    ],
    close: host.close,
  };
}
