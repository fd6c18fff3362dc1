import { deepStrictEqual, match, rejects, strictEqual, throws } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openTunnel, tunnelCommand } from '../../src/submit/tunnel.ts';
import { textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';

const end = { address: '192.0.2.1', port: 6280, pins: ['sha256:aa', 'sha256:bb'], serverName: 'hub.example' };

function systemWith(command: string | undefined) {
  const home = temporaryHome(command === undefined ? {} : { qmqptunnel: command });
  return { ...nodeSystem([]), home, env: (name: string) => (name === 'QMAILHOME' ? home : undefined) };
}

test('the words of the command, with the hub in the places of its letters', () => {
  const words = (command: string) => tunnelCommand(systemWith(command), end);
  deepStrictEqual(words('/bin/tls  -c\t%a:%p %h 100%% $x "y z" *\nnext line\n'), [
    '/bin/tls',
    '-c',
    '192.0.2.1:6280',
    'hub.example',
    '100%',
    '$x',
    '"y',
    'z"',
    '*',
  ]);
  const system = systemWith('bin/tls %h');
  const { serverName: _, ...nameless } = end;
  deepStrictEqual(tunnelCommand(system, nameless), [`${system.home}/bin/tls`, '192.0.2.1']);
});

test('a letter that stands for nothing is an error', () => {
  for (const word of ['%x', 'a%', '%%%'])
    throws(() => tunnelCommand(systemWith(`/bin/tls ${word}`), end), {
      code: 'EINVAL',
      message: /^control\/qmqptunnel: %.? stands for nothing$/,
    });
});

test('without a command there is no tunnel', () => {
  strictEqual(openTunnel(systemWith(undefined), end), undefined);
  strictEqual(openTunnel(systemWith(' \n'), end), undefined);
});

test('the program is told which keys the hub may have', async () => {
  const system = systemWith('bin %p');
  writeFileSync(`${system.home}/bin`, '#!/bin/sh\necho "$1 $QMQPPINS"\n', { mode: 0o755 });
  const stream = await openTunnel(system, end);
  match(textOf((await stream?.read(20_000)) ?? new Uint8Array()), /^6280 sha256:aa sha256:bb\n$/);
  stream?.close();
  await rejects(async () => openTunnel(systemWith('/nonexistent/tls'), end), { code: 'ENOENT' });
});
