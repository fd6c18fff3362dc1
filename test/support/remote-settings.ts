/** Settings of those who send mail elsewhere, as control files of these texts make them. */
import { openControl } from '../../src/control/index.ts';
import { type RemoteSettings, readRemoteSettings } from '../../src/remote/index.ts';
import { memorySystem } from './memory-system.ts';

export function remoteSettings(controls: Readonly<Record<string, string>> = {}): RemoteSettings {
  const files = Object.entries({ me: 'me.test\n', ...controls }).map(([name, text]) => [
    `/home/control/${name}`,
    text,
  ]);
  const { system } = memorySystem({ files: Object.fromEntries(files) });
  return readRemoteSettings(system, openControl(system, '/home'));
}
