/** SMTP to the hub that root starts: recipients that do not exist, logins, and who does what. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { needs } from '../support/foreign.ts';
import { groupIds } from '../support/hub-host.ts';
import { identityOf } from '../support/identity.ts';
import { type SeparatedHub, separatedHubMissing, startSeparatedHub } from '../support/separated-hub.ts';
import { codesOf } from '../support/smtp-session.ts';

const skip = separatedHubMissing;

let hub: SeparatedHub;

const check = `#!/bin/sh
[ "$(head -c 400 <&3 | tr '\\000' :)" = ann:secret:: ] || exit 1
id -u >>/tmp/checked-as
exec "$@"
`;

before(async () => {
  if (skip !== false) return;
  const pem = await identityOf('hub.test');
  hub = await startSeparatedHub({
    users: ['ann'],
    controls: { rcpthosts: 'hub.test\n', checkpassword: '/var/qmail/check\n' },
    args: ['--smtp', '127.0.0.1:25', '--smtps', '127.0.0.1:465', '--smtp-auth'],
    prepare({ root }) {
      writeFileSync(`${root}/var/qmail/control/servercert.pem`, pem);
      chownSync(`${root}/var/qmail/control/servercert.pem`, 0, groupIds.nofiles);
      chmodSync(`${root}/var/qmail/control/servercert.pem`, 0o640);
      writeFileSync(`${root}/var/qmail/check`, check, { mode: 0o755 });
      writeFileSync(`${root}/var/qmail/alias/.qmail-postmaster`, 'ann\n');
    },
  });
});

after(() => hub?.close());

/** What the server says to these lines, all sent at once. */
async function talk(...lines: readonly string[]): Promise<string> {
  const script = 'exec 3<>/dev/tcp/127.0.0.1/25; cat >&3; cat <&3';
  const { stdout } = await hub.host.run(['bash', '-c', script], {
    stdin: lines.map((line) => `${line}\r\n`).join(''),
  });
  return stdout;
}

test('unknown recipients are refused while the client waits, and mail for the others arrives', {
  skip,
}, async () => {
  const recipients = ['nobody', 'ann', 'ann-list', 'postmaster', 'root'];
  const said = await talk(
    'EHLO c.test',
    'MAIL FROM:<s@x.y>',
    ...recipients.map((name) => `RCPT TO:<${name}@hub.test>`),
    'RCPT TO:<x@elsewhere.test>',
    ...['DATA', 'Subject: in', '', 'x', '.', 'QUIT'],
  );
  deepStrictEqual(codesOf(said), [220, 250, 250, 550, 250, 550, 250, 550, 553, 354, 250, 221]);
  await hub.count(/^delivery \d+: success/, 2);
  const [text = ''] = hub.mail('ann');
  match(text, /^Received: \(qmail \d+ invoked from network\); /m);
  match(text, /^Received: from unknown \(HELO c\.test\) \(127\.0\.0\.1\)\n {2}by \S+ with ESMTP; /m);
  ok(hub.lines.some((line) => line.startsWith('smtpd: peer=127.0.0.1 reply="550 5.1.1 ')));
});

/** For each of the two: how it is started, what it is told, what reads its answers, and what those are. */
const underTcpserver = {
  'qmail-smtpd': {
    port: 2525,
    command: 'qmail-smtpd --without-tls',
    says: [
      'EHLO c',
      'MAIL FROM:<s@x>',
      'RCPT TO:<ann@hub.test>',
      'RCPT TO:<nobody@hub.test>',
      'QUIT',
      '',
    ].join('\r\n'),
    read: 'cat',
    asServer: /^250 2\.1\.5.*\r\n550 5\.1\.1/m,
    asOther: /^250 2\.1\.5.*\r\n250 2\.1\.5/m,
  },
  'qmail-qmtpd': {
    port: 2209,
    command: 'qmail-qmtpd',
    says: '11:\nSubject: x,3:s@x,35:12:ann@hub.test,15:nobody@hub.test,,',
    // It waits for another message: of its answers there are at least so many bytes.
    read: 'head -c 20',
    asServer: /^\d+:Kok.*,\d+:D/,
    asOther: /^\d+:Kok.*,\d+:K/,
  },
} as const;

for (const [program, { port, command, says, read, ...expected }] of Object.entries(underTcpserver)) {
  test(`${program} under tcpserver asks the hub when it runs as qmaild, and passes all otherwise`, {
    skip: skip || needs('tcpserver').skip,
  }, async () => {
    for (const [user, answers] of [
      ['qmaild', expected.asServer],
      ['ann', expected.asOther],
    ] as const) {
      const server = `tcpserver -HRl0 -u $(id -u ${user}) -g $(id -g ${user}) 127.0.0.1 ${port}`;
      const client = `until exec 3<>/dev/tcp/127.0.0.1/${port}; do sleep 0.05; done 2>/dev/null; cat >&3; ${read} <&3`;
      const heard = await hub.host.sh(
        `${server} /opt/mini-qmail/mini-qmail ${command} & server=$!
        trap 'kill $server' EXIT
        timeout 20 bash -c '${client}'`,
        { stdin: says },
      );
      match(heard, answers, user);
    }
    const refused = hub.lines.filter((line) => line.includes('is no network server'));
    deepStrictEqual(refused, []);
  });
}

test('a login in TLS is checked by a process of root, and opens the way to anywhere', { skip }, async () => {
  const login = (password: string) => `AUTH PLAIN ${Buffer.from(`\0ann\0${password}`).toString('base64')}`;
  const lines = [
    ...[
      'EHLO c.test',
      login('wrong'),
      login('secret'),
      'MAIL FROM:<ann@hub.test>',
      'RCPT TO:<x@elsewhere.test>',
    ],
    'QUIT',
  ];
  const { stdout } = await hub.host.run(
    ['sh', '-c', 'openssl s_client -quiet -crlf -connect 127.0.0.1:465 2>/dev/null'],
    { stdin: lines.map((line) => `${line}\n`).join('') },
  );
  deepStrictEqual(codesOf(stdout), [220, 250, 535, 235, 250, 250, 221]);
  strictEqual((await hub.host.sh('cat /tmp/checked-as')).trim(), '0');
});
