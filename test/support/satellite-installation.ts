/** scripts/satellite-install on hosts of a test's own. */
import { executablesMissing } from './executables.ts';
import { hostState } from './host-state.ts';
import { type PrivateHost, privateHostMissing, startPrivateHost } from './private-host.ts';
import { top } from './top.ts';

export const missing = privateHostMissing || executablesMissing;

/** The tree, as the private hosts see it. */
export const tree = '/tree';
export const install = `${tree}/scripts/satellite-install`;
export const given =
  '--me box.example --hub 127.0.0.1:6280 --mail-host hub.example --spool /var/spool/mini-qmail';

const places = ['/var/qmail', '/srv/qmail', '/usr/local/lib/mini-qmail', '/var/spool', '/etc/systemd/system'];
export const stateOf = (host: PrivateHost) => hostState(host, ...places);

/** By which other programs call a mail system. */
export const names = '/usr/sbin/sendmail /usr/lib/sendmail /usr/bin/mailq /usr/bin/newaliases';

export async function withHost(use: (host: PrivateHost) => Promise<void>): Promise<void> {
  const host = await startPrivateHost({ binds: { [tree]: top } });
  try {
    await use(host);
  } finally {
    await host.close();
  }
}
