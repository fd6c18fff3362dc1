import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory } from './home.ts';
import { privateHostMissing, startPrivateHost } from './private-host.ts';

test('what is done on a private host stays there', { skip: privateHostMissing }, async () => {
  const kept = temporaryDirectory();
  const host = await startPrivateHost({ binds: { '/kept': kept } });
  try {
    await host.sh('useradd --system mqm-private; echo here > /etc/mqm-private; echo kept > /kept/file');
    assert.match(await host.sh('id mqm-private; cat /etc/mqm-private'), /uid=\d+\(mqm-private\)[\s\S]*here/);
    assert.ok(!existsSync('/etc/mqm-private'));
    assert.ok(existsSync(`${host.root}/etc/mqm-private`));
    assert.ok(existsSync(`${kept}/file`));
    assert.equal((await host.run(['sh', '-c', 'cat; exit 3'], { stdin: 'given' })).stdout, 'given');
    assert.equal((await host.run(['sh', '-c', 'exit 3'])).exit, 3);
    // Nobody else's processes, and no network but the loopback.
    assert.match(await host.sh('ls -d /proc/[0-9]* | wc -l'), /^[1-9]\n$/);
    assert.equal((await host.sh('ls /proc/sys/net/ipv4/neigh')).trim(), 'lo');
  } finally {
    await host.close();
  }
});
