import { match, rejects, strictEqual, throws } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import { openPopupService, timestampOf } from '../../src/programs/popup-service.ts';
import { chainOfPrograms } from '../../src/serve/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';
import { identityOf } from '../support/identity.ts';
import { connectPop3 } from '../support/pop3-client.ts';

function open(home: string) {
  const lines: string[] = [];
  const service = openPopupService({
    control: openControl(nodeSystem([]), home),
    openChain: chainOfPrograms(['false']),
    log: (line) => lines.push(line),
  });
  return { service, lines };
}

test('a timestamp', () => {
  strictEqual(timestampOf('77', 'ref.test', 1_700_000_000_999), '<77.1700000000@ref.test>');
});

test('certificate and control files are read again, and kept when they are bad', async (context) => {
  const home = temporaryHome();
  const { service, lines } = open(home);
  const { port } = await service.listen({ address: '127.0.0.1', port: 0 }, false);
  context.after(() => service.close(0));
  const greeting = async () => {
    const client = await connectPop3(port);
    const line = await client.line();
    client.say('CAPA');
    const capabilities = await client.lines();
    client.close();
    return `${line} ${capabilities.join(' ')}`;
  };
  match(await greeting(), /^\+OK {2}\+OK {2}TOP UIDL RESP-CODES AUTH-RESP-CODE USER$/);
  writeFileSync(`${home}/control/servercert.pem`, await identityOf('hub'));
  writeFileSync(`${home}/control/popapop`, '1\n');
  service.reload();
  match(await greeting(), /^\+OK <[0-9a-f]{16}\.\d+@ref\.test> .* STLS$/);
  writeFileSync(`${home}/control/servercert.pem`, 'nonsense');
  service.reload();
  match(await greeting(), / STLS$/);
  writeFileSync(`${home}/control/servercert.pem`, await identityOf('hub'));
  writeFileSync(`${home}/control/pop3rules`, '127.0.0.2:allow\n:deny\n');
  service.reload();
  const denied = await connectPop3(port);
  match(String(await denied.line()), /^-ERR .*may not connect/);
  match(lines.join('\n'), /read again\nalert: pop3: what was in force stays so: .*servercert\.pem/);
});

test('no TLS without a certificate', async () => {
  const { service } = open(temporaryHome());
  await rejects(service.listen({ address: '127.0.0.1', port: 0 }, true), /servercert\.pem is missing/);
});

test('a certificate that is bad at the start', () => {
  const home = temporaryHome();
  writeFileSync(`${home}/control/servercert.pem`, 'nonsense');
  throws(() => open(home), /servercert\.pem cannot be used/);
});
