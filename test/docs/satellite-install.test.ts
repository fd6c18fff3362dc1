/** docs/satellite-install.md is followed, each of its ways on a host of its own, and mail goes out. */
import { match, ok, strictEqual } from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { architectureOf, makeDebianPackage, makeTar } from '../../build/debian-package.ts';
import { findTarget } from '../../build/targets.ts';
import { executablesMissing } from '../support/executables.ts';
import { needs } from '../support/foreign.ts';
import { temporaryDirectory } from '../support/home.ts';
import { startLocalHub } from '../support/local-hub.ts';
import { type PrivateHost, privateHostMissing, startPrivateHost } from '../support/private-host.ts';
import { textOfFile } from '../support/sources.ts';
import { tinyMissing } from '../support/tiny-body.ts';
import { top } from '../support/top.ts';

const missing = executablesMissing || privateHostMissing;

const { version }: { version: string } = JSON.parse(textOfFile('package.json'));

type Way = 'script' | 'package' | 'container' | 'tiny';

/** The commands of one way, with those for all of them behind; `goal` is the second word. */
function commandsFor(way: Way, goal = ''): string {
  const page = textOfFile('docs/satellite-install.md');
  const script: string[] = [];
  const wanted = `sh ${way} ${goal}`.trimEnd();
  for (const [, info = '', block = ''] of page.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)) {
    // The native satellite has no doctor.
    if (info === wanted || (goal === '' && info === 'sh' && way !== 'tiny')) script.push(block);
    else ok(/^sh( script| script remove| package| container| tiny|)$/.test(info), info);
  }
  ok(script.length > 0);
  return script.join('');
}

/** The page names what a release has; the test's packages are for this machine, and not compressed. */
function asMade(script: string): string {
  return script
    .replaceAll('./dist/packages/', '/packages/')
    .replaceAll('dist/packages/', '/packages/')
    .replaceAll('amd64', architectureOf(findTarget(undefined)))
    .replaceAll('.tar.xz', '.tar');
}

/** Follows the page on a host beside a hub, and looks for the mail there. */
async function follow(way: Way, packages: string, more: (host: PrivateHost) => Promise<void>): Promise<void> {
  const host = await startPrivateHost({ binds: { '/tree': top, '/packages': packages } });
  try {
    // The index of manual pages takes longer than all else.
    await host.sh('rm -f /var/lib/man-db/auto-update');
    const hub = await startLocalHub(host);
    try {
      const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
      const run = { cwd: '/tree', env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } };
      await host.sh(asMade(commandsFor(way)), run);
      if (way !== 'tiny')
        match(await hub.delivered('a test by qmail-doctor'), /^Message-ID: .*@box\.example>$/m);
      await host.sh("printf 'Subject: from cron\\n\\n' | /usr/sbin/sendmail root");
      await hub.delivered('from cron');
      await more(host);
    } finally {
      await hub.close();
    }
  } finally {
    await host.close();
  }
}

const common = {
  name: 'mini-qmail-satellite',
  target: findTarget(undefined),
  version,
  built: join(top, 'dist'),
  compression: 'none',
  epoch: 0,
} as const;

test('by the script, and back', { skip: missing }, () =>
  follow('script', temporaryDirectory(), async (host) => {
    await host.sh(commandsFor('script', 'remove'), { cwd: '/tree' });
    strictEqual((await host.run(['test', '-e', '/var/qmail'])).exit, 1);
  }),
);

test('by the script, the native one', { skip: missing || tinyMissing }, () =>
  follow('tiny', temporaryDirectory(), async (host) => {
    match(await host.sh('readlink -f /usr/sbin/sendmail'), /mini-qmail-tiny$/m);
  }),
);

test('by the package', { skip: missing || needs('apt-get', 'dpkg-deb').skip }, async () => {
  const output = temporaryDirectory();
  await makeDebianPackage({ ...common, output });
  await follow('package', output, async (host) => {
    match(await host.sh('dpkg --status mini-qmail-satellite'), /^Status: install ok installed$/m);
  });
});

test('by the tar file of a container', { skip: missing || needs('tar').skip }, async () => {
  const output = temporaryDirectory();
  await makeTar({ ...common, output });
  await follow('container', output, async (host) => {
    strictEqual((await host.run(['test', '-e', '/etc/cron.d/mini-qmail-flush'])).exit, 1);
  });
});
