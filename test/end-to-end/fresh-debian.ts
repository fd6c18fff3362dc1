/** A fresh Debian in a directory, made by debootstrap from where this host has its packages. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { findProgram } from '../support/foreign.ts';
import { privateHostMissing } from '../support/private-host.ts';

const sources = '/etc/apt';
const makeMsMax = 600_000;

export interface Origin {
  readonly mirror: string;
  readonly suite: string;
}

function textIn(directory: string, name: string): string {
  try {
    return readFileSync(`${directory}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

/** Where apt has Debian from: its one-line form, and the form in paragraphs (sources.list(5)). */
export function originIn(text: string): Origin | undefined {
  const line = /^deb (?:\[[^\]]*\] )?(\S+:\S*\/debian\/?) (\S+) main/m.exec(text);
  if (line?.[1] !== undefined && line[2] !== undefined) return { mirror: line[1], suite: line[2] };
  for (const paragraph of text.split(/\n\s*\n/)) {
    const mirror = /^URIs: (\S+\/debian\/?)$/m.exec(paragraph)?.[1];
    const suite = /^Suites: (\S+)/m.exec(paragraph)?.[1];
    if (mirror !== undefined && suite !== undefined) return { mirror, suite };
  }
  return undefined;
}

function findOrigin(): Origin | undefined {
  const parts = readdirSync(`${sources}/sources.list.d`).map((name) =>
    textIn(`${sources}/sources.list.d`, name),
  );
  return originIn([textIn(sources, 'sources.list'), ...parts].join('\n\n'));
}

/** Why there can be none, or false. */
export const freshDebianMissing: string | false =
  privateHostMissing ||
  (findProgram('debootstrap') === undefined && 'debootstrap: not installed') ||
  (findOrigin() === undefined && 'apt has no Debian in its sources');

/** With the libraries that the executables on Node need, unless other packages are named. */
export function makeFreshDebian(
  directory: string,
  packages: readonly string[] = ['libatomic1', 'libstdc++6', 'cron'],
): void {
  const origin = findOrigin();
  if (origin === undefined) throw new Error('apt has no Debian in its sources');
  const words = [
    '--variant=minbase',
    `--include=${packages.join(',')}`,
    origin.suite,
    directory,
    origin.mirror,
  ];
  execFileSync('debootstrap', words, { stdio: 'ignore', timeout: makeMsMax });
}
