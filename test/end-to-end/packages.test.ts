/** The Debian packages on a copy of this host; `npm run torture -- debootstrap` tries them on a fresh Debian. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { executablesMissing } from '../support/executables.ts';
import { needs } from '../support/foreign.ts';
import { privateHostMissing } from '../support/private-host.ts';
import { tinyMissing } from '../support/tiny-body.ts';
import { originIn } from './fresh-debian.ts';
import { hubLives, satelliteChanges, satelliteLives, withPackages } from './packages.ts';

const skip = executablesMissing || privateHostMissing || needs('dpkg', 'dpkg-deb').skip;

/** Other mail systems go first, without those who want one. */
const prepare = `
  for name in $(dpkg-query --show -f '\${Package} \${Provides} \${db:Status-Abbrev}\\n' | sed -n 's/ .*mail-transport-agent.* [ir].*//p'); do
    dpkg --force-depends --purge "$name" >/dev/null 2>&1
  done
  rm -f /usr/sbin/sendmail /usr/lib/sendmail /usr/bin/mailq /usr/bin/newaliases`;

test('the satellite comes, works, is upgraded and goes', { skip }, () =>
  withPackages((host) => satelliteLives(host, 'mini-qmail-satellite'), { prepare }),
);

test('so does the native one', { skip: skip || tinyMissing }, () =>
  withPackages((host) => satelliteLives(host, 'mini-qmail-tiny'), { prepare }),
);

test('one satellite takes the place of the other', { skip: skip || tinyMissing }, () =>
  withPackages((host) => satelliteChanges(host, 'mini-qmail-satellite', 'mini-qmail-tiny'), { prepare }),
);

test('the hub comes, works and goes, and leaves mail where it is', { skip }, () =>
  withPackages(hubLives, { prepare }),
);

const mailSystem = needs('postfix').skip;

test('another mail system is not pushed aside by dpkg', { skip: skip || mailSystem }, () =>
  withPackages(async (host) => {
    const refused = await host.run(['sh', '-c', 'dpkg --install /packages/mini-qmail-satellite_0.1.0_*.deb']);
    strictEqual(refused.exit, 1);
    match(refused.stderr, /conflicting packages/);
  }),
);

test('a fresh Debian comes from where apt has its packages', () => {
  const origin = { mirror: 'http://mirror.example/debian', suite: 'stable' };
  deepStrictEqual(originIn('deb http://mirror.example/debian stable main contrib\n'), origin);
  deepStrictEqual(originIn('deb [signed-by=/k] http://mirror.example/debian stable main\n'), origin);
  const paragraphs =
    'Types: deb\nURIs: https://other.example/node\nSuites: x\n\nTypes: deb\nURIs: http://mirror.example/debian\nSuites: stable stable-updates\n';
  deepStrictEqual(originIn(paragraphs), origin);
  deepStrictEqual(originIn('# nothing\n'), undefined);
});
