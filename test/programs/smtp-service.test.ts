import { match, ok, rejects, strictEqual, throws } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { openControl } from '../../src/control/index.ts';
import { startSmtpService } from '../../src/programs/smtp-service.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { temporaryHome } from '../support/home.ts';
import { identityOf } from '../support/identity.ts';
import { memoryIntake } from '../support/memory-intake.ts';
import { smtpPeer } from '../support/smtp-peer.ts';

const closing: (() => Promise<void>)[] = [];

after(() => Promise.all(closing.map((close) => close())));

function start(controls: Readonly<Record<string, string>>) {
  const home = temporaryHome(controls);
  const lines: string[] = [];
  const service = startSmtpService({
    control: openControl(nodeSystem([]), home),
    intake: () => memoryIntake(),
    log: (line) => lines.push(line),
  });
  closing.push(() => service.close(0));
  const write = (name: string, text: string) => writeFileSync(`${home}/control/${name}`, text);
  return { service, lines, write };
}

const here = { address: '127.0.0.1', port: 0 };

async function greeting(port: number): Promise<string> {
  const peer = smtpPeer(port);
  const text = await peer.reply();
  const extensions = await peer.ask('EHLO c');
  peer.destroy();
  return text + extensions;
}

test('control files and the certificate are read again, and kept while the new ones are bad', async () => {
  const { service, lines, write } = start({ me: 'hub.test\n' });
  const { port } = await service.listen(here, false);
  ok(!(await greeting(port)).includes('STARTTLS'));
  await rejects(service.listen(here, true), /servercert\.pem is missing/);
  write('smtpgreeting', 'other.test\n');
  write('servercert.pem', await identityOf('hub'));
  service.reload();
  match(await greeting(port), /^220 other\.test.*STARTTLS/s);
  ok((await service.listen(here, true)).port > 0);

  write('smtprules', 'nonsense\n');
  write('servercert.pem', 'nonsense\n');
  write('smtpgreeting', 'third.test\n');
  service.reload();
  match(await greeting(port), /^220 other\.test.*STARTTLS/s);
  strictEqual(lines.filter((line) => line.startsWith('alert: smtpd: ')).length, 2);
});

test('what is bad at the start lets nothing start', async () => {
  throws(() => start({}), /control\/me is missing/);
  throws(() => start({ me: 'hub.test\n', 'servercert.pem': 'nonsense\n' }), /servercert\.pem cannot be used/);
});
