/** docs/firewall.md: its commands, and what the hub inside has then; then the same with a hub that comes and goes. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { executablesMissing, portOf, startBuiltHub } from '../support/built-hub.ts';
import { commandBlocks, runAsDocumented } from '../support/document.ts';
import { builtExecutable } from '../support/executables.ts';
import { temporaryHome } from '../support/home.ts';
import { hubHome, hubUser, isRoot } from '../support/hub-home.ts';
import { smtpPeer } from '../support/smtp-peer.ts';
import { codesOf } from '../support/smtp-session.ts';
import { unusedPort } from '../support/unused-port.ts';

const controls = { me: 'hub.example\n', locals: 'hub.example\n' };

test('docs/firewall.md', { skip: executablesMissing }, async () => {
  const hub = await startBuiltHub({ home: hubHome(controls) });
  const script = commandBlocks('docs/firewall.md').join('\n');
  await runAsDocumented(
    script.replaceAll('6280', String(portOf(hub))).replaceAll('2525', String(await unusedPort())),
  );
  await hub.count(/^delivery \d+: success/, 1);
  const [text = ''] = hub.messages();
  match(text, /^Subject: through the firewall$/m);
  match(text, /^Received: from unknown \(HELO client\.example\) \(unknown\)\n {2}by unknown with SMTP; /m);
  strictEqual(await hub.stop(), 0);
});

test('a firewall keeps nothing, runs as nobody, and says 451 while the hub inside is down', {
  skip: executablesMissing,
}, async () => {
  const hub = await startBuiltHub({ home: hubHome(controls) });
  const gateway = portOf(hub);
  const home = temporaryHome({
    me: 'mx.example\n',
    rcpthosts: 'hub.example\n',
    qmqpservers: `127.0.0.1:${gateway}\n`,
  });
  chmodSync(home, 0o755);
  symlinkSync(builtExecutable('mini-qmail'), `${home}/qmail-qmqpc`);
  writeFileSync(`${home}/control/qmailqueue`, `${home}/qmail-qmqpc\n`);
  const user = hubUser();
  const child = spawn(builtExecutable('mini-qmail'), ['qmail-smtpd', '--listen', '127.0.0.1:0'], {
    env: { PATH: '/usr/bin:/bin', QMAILHOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(isRoot && { uid: user.uid, gid: user.gid }),
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const port = Number(/^listening smtp .*:(\d+)$/.exec(String(line))?.[1]);
  const files = () => readdirSync(home, { recursive: true }).map(String).sort();
  const before = files();
  const send = async (...recipients: readonly string[]) => {
    const peer = smtpPeer(port);
    const rcpt = recipients.map((address) => `RCPT TO:<${address}>\r\n`).join('');
    peer.send(`EHLO c.test\r\nMAIL FROM:<s@x.y>\r\n${rcpt}DATA\r\nSubject: in\r\n\r\n..\r\n.\r\nQUIT\r\n`);
    return codesOf(await peer.closed);
  };
  deepStrictEqual(await send('a@hub.example', 'b@elsewhere.test'), [220, 250, 250, 250, 553, 354, 250, 221]);
  await hub.count(/^delivery \d+: success/, 1);
  match(hub.messages()[0] ?? '', /by mx\.example with ESMTP;.*\nSubject: in\n\n\.\n$/s);
  strictEqual(await hub.stop(), 0);
  deepStrictEqual(await send('a@hub.example'), [220, 250, 250, 250, 354, 451, 221]);
  const again = await startBuiltHub({ home: hub.home, listen: [`127.0.0.1:${gateway}`] });
  deepStrictEqual(await send('c@hub.example'), [220, 250, 250, 250, 354, 250, 221]);
  await again.count(/^delivery \d+: success/, 1);
  deepStrictEqual(files(), before);
  child.kill('SIGTERM');
  deepStrictEqual(await once(child, 'close'), [0, null]);
  strictEqual(await again.stop(), 0);
});
