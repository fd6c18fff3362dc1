/** Users read their mail: the hub that root starts, with passwords of the system, and clients from Debian that fetch it. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { findProgram, needs } from '../support/foreign.ts';
import { hubIds, uidOf } from '../support/hub-host.ts';
import { identityOf } from '../support/identity.ts';
import { type SeparatedHub, separatedHubMissing, startSeparatedHub } from '../support/separated-hub.ts';
import { until } from '../support/until.ts';

const skip = separatedHubMissing || (findProgram('chpasswd') === undefined && 'chpasswd: not installed');

/** Messages as they are on the disk, of the kinds that go wrong. */
const messages: readonly string[] = [
  'Subject: plain\n\nbody\n',
  'Subject: dots\n\n.\n..\n.x\nlast .\n',
  'Subject: empty body\n\n',
  'Subject: From_\n\nFrom me\n>From you\n\n\n',
  'Subject: eight bits\n\ncaf\xe9 \xff\n',
  `Subject: long line\n\n${'x'.repeat(5000)}\n`,
  `Subject: large\n\n${'0123456789abcdef0123456789abcdef\n'.repeat(20_000)}`,
];

let hub: SeparatedHub;

function subjectOf(text: string): string {
  return /^Subject: (.*)$/m.exec(text)?.[1] ?? '';
}

before(async () => {
  if (skip !== false) return;
  const pem = await identityOf('hub.test');
  hub = await startSeparatedHub({
    users: ['joe', 'ann'],
    args: ['--pop3', '127.0.0.1:110', '--pop3s', '127.0.0.1:995', './Maildir/'],
    async prepare(host) {
      const file = `${host.root}/var/qmail/control/servercert.pem`;
      writeFileSync(file, pem, { mode: 0o600 });
      chownSync(file, hubIds.qmaild.uid, hubIds.qmaild.gid);
      for (const [index, text] of messages.entries()) {
        const path = `${host.root}/home/joe/Maildir/new/${1000 + index}.test`;
        writeFileSync(path, text, 'latin1');
        chownSync(path, uidOf(0), uidOf(0));
      }
      await host.sh("echo 'joe:secret word\nann:anns word' | chpasswd");
      mkdirSync(`${host.root}/srv/fetched`);
    },
  });
  await hub.line(/^listening pop3s 127\.0\.0\.1:995$/);
});

after(() => hub?.close());

/** What a client has stored in files below a directory there, by subject. */
function fetched(directory: string): Readonly<Record<string, string>> {
  const names = readdirSync(`${hub.host.root}${directory}`);
  const texts = names.map((name) => readFileSync(`${hub.host.root}${directory}/${name}`, 'latin1'));
  return Object.fromEntries(texts.map((text) => [subjectOf(text), text]));
}

const wanted = Object.fromEntries(messages.map((text) => [subjectOf(text), text]));

function same(found: string | undefined, text: string, subject: string): void {
  // The whole of a large message helps nobody.
  if (found !== text)
    strictEqual(found?.slice(0, 300), text.slice(0, 300), `${subject}: ${found?.length} bytes`);
}

describe('clients from Debian fetch a Maildir, byte for byte', { skip }, () => {
  test('fetchmail, with STLS', needs('fetchmail'), async () => {
    const { host } = hub;
    mkdirSync(`${host.root}/srv/fetchmail`);
    writeFileSync(`${host.root}/srv/mda`, '#!/bin/sh\ncat >/srv/fetchmail/$$\n', { mode: 0o755 });
    writeFileSync(
      `${host.root}/srv/fetchmailrc`,
      `poll 127.0.0.1 protocol pop3 service 110 user "joe" password "secret word" ${'sslproto "TLS1+" no sslcertck fetchall keep no rewrite mda "/srv/mda"'}\n`,
      { mode: 0o600 },
    );
    await host.sh('fetchmail --invisible -f /srv/fetchmailrc --pidfile /srv/fetchmail.pid --nosyslog');
    const found = fetched('/srv/fetchmail');
    deepStrictEqual(Object.keys(found).sort(), Object.keys(wanted).sort());
    for (const [subject, text] of Object.entries(wanted)) same(found[subject], text, subject);
  });

  test('mpop, with STLS', needs('mpop'), async () => {
    const { host } = hub;
    const lines = [
      'account default',
      'host 127.0.0.1',
      'port 110',
      'user joe',
      'password secret word',
      'auth user',
      'tls on',
      'tls_starttls on',
      'tls_certcheck off',
      'keep on',
      'received_header off',
      'uidls_file /srv/mpop-uidls',
      'delivery maildir /srv/mpop',
    ];
    await host.sh('mkdir -p /srv/mpop/new /srv/mpop/cur /srv/mpop/tmp');
    writeFileSync(`${host.root}/srv/mpoprc`, `${lines.join('\n')}\n`, { mode: 0o600 });
    await host.sh('HOME=/srv mpop -q -C /srv/mpoprc');
    const found = fetched('/srv/mpop/new');
    deepStrictEqual(Object.keys(found).sort(), Object.keys(wanted).sort());
    for (const [subject, text] of Object.entries(wanted)) same(found[subject], text, subject);
    // A second time there is nothing new: unique-ids stay.
    await host.sh('HOME=/srv mpop -q -C /srv/mpoprc');
    strictEqual(readdirSync(`${host.root}/srv/mpop/new`).length, messages.length);
  });

  test('getmail6, in TLS from the first byte on', needs('getmail'), async () => {
    const { host } = hub;
    await host.sh('mkdir -p /srv/getmail/new /srv/getmail/cur /srv/getmail/tmp /srv/getmailrc');
    const lines = [
      '[retriever]',
      'type = SimplePOP3SSLRetriever',
      'server = 127.0.0.1',
      'port = 995',
      'username = joe',
      'password = secret word',
      '[destination]',
      'type = Maildir',
      'path = /srv/getmail/',
      '[options]',
      'read_all = true',
      'delete = false',
      'delivered_to = false',
      'received = false',
    ];
    writeFileSync(`${host.root}/srv/getmailrc/getmailrc`, `${lines.join('\n')}\n`, { mode: 0o600 });
    await host.sh('chown -R joe:joe /srv/getmail /srv/getmailrc');
    // It waits for its child's signal only after it has started it, and misses it when the child was quick.
    await host.sh(`
      for attempt in 1 2 3; do
        timeout 15 setpriv --reuid joe --regid joe --clear-groups getmail --getmaildir /srv/getmailrc && exit
      done
      exit 1`);
    // What getmail puts on top says where a message came from; what it fetched is below.
    const added = 'Return-Path: <unknown>\n';
    const found = Object.fromEntries(
      Object.entries(fetched('/srv/getmail/new')).map(([subject, text]) => [
        subject,
        text.replace(added, ''),
      ]),
    );
    deepStrictEqual(Object.keys(found).sort(), Object.keys(wanted).sort());
    for (const [subject, text] of Object.entries(wanted)) same(found[subject], text, subject);
  });
});

interface Running {
  readonly name: string;
  readonly uid: string;
  readonly groups: string;
}

/** The processes of POP3, and who they are. */
function running(): readonly Running[] {
  return hub.processes().flatMap(({ pid, words }) => {
    const name = words[0] ?? '';
    if (!['qmail-popup', 'qmail-pspawn', 'qmail-pop3d', 'checkpassword'].includes(name)) return [];
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const field = (key: string) => new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(status)?.[1]?.trim() ?? '';
    return [{ name, uid: field('Uid'), groups: field('Groups') }];
  });
}

const ids = (uid: number) => `${uid}\t${uid}\t${uid}\t${uid}`;

test('each process is who it must be and nobody more, and a session ends with its client', {
  skip,
}, async () => {
  const { host } = hub;
  const idle = [
    { name: 'qmail-popup', uid: ids(hubIds.qmaild.uid), groups: String(hubIds.qmaild.gid) },
    { name: 'qmail-pspawn', uid: ids(0), groups: '0' },
  ];
  const shown = () =>
    [...running()]
      .sort((one, other) => (one.name < other.name ? -1 : 1))
      .map(({ name, uid }) => ({ name, uid }));
  await until('the sessions before to end', () => (running().length === 2 ? true : undefined));
  deepStrictEqual(
    shown(),
    idle.map(({ name, uid }) => ({ name, uid })),
  );
  mkdirSync(`${host.root}/srv/go`);
  const script = `(printf 'USER ann\\r\\nPASS anns word\\r\\n'; while [ ! -e /srv/gone ]; do sleep 0.02; done) | busybox nc 127.0.0.1 110`;
  const session = host.sh(script);
  await until('the session', () => running().find(({ name }) => name === 'qmail-pop3d'));
  const pop3d = running().find(({ name }) => name === 'qmail-pop3d');
  strictEqual(pop3d?.uid, ids(uidOf(1)));
  ok(!pop3d.groups.split(' ').includes('0') || pop3d.groups === '');
  writeFileSync(`${host.root}/srv/gone`, '');
  match(await session, /^\+OK \r\n\+OK \r\n\+OK \r\n/);
  await until('its end', () => (running().length === 2 ? true : undefined));
});

test('mail that is delivered now can be read, and what is deleted is gone', { skip }, async () => {
  const { host } = hub;
  await hub.send('s@x', ['ann@hub.test'], 'Subject: for ann\n\nhello\n');
  await hub.line(/^end msg/);
  const talk = (commands: string) =>
    host.sh(
      `(printf 'USER ann\\r\\nPASS anns word\\r\\n${commands}') | busybox nc 127.0.0.1 110 | tr -d '\\r'`,
    );
  match(await talk('RETR 1\\r\\nDELE 1\\r\\nQUIT\\r\\n'), /\nSubject: for ann\n\nhello\n\.\n\+OK \n\+OK \n$/);
  deepStrictEqual(hub.mail('ann'), []);
  match(await talk('STAT\\r\\nQUIT\\r\\n'), /\+OK 0 0\n/);
});

test('wrong passwords, root, and users of the hub get nothing', { skip }, async () => {
  const { host } = hub;
  for (const login of [
    'joe\\r\\nPASS secret',
    'root\\r\\nPASS x',
    'qmaild\\r\\nPASS ',
    'nobody-here\\r\\nPASS x',
  ]) {
    const said = await host.sh(`printf 'USER ${login}\\r\\n' | busybox nc 127.0.0.1 110`);
    match(said, /-ERR/, login);
    ok(!said.includes('+OK 0') && !said.includes('+OK 1'), login);
  }
  await hub.line(/^pop3: peer=127\.0\.0\.1 user=joe tls=no login=refused$/);
  ok(!hub.lines.join('\n').includes('secret'));
});

test('a Maildir that its owner alone can read is read by its owner alone', { skip }, async () => {
  const { host } = hub;
  chmodSync(`${host.root}/home/joe`, 0o700);
  const said = await host.sh(
    `(printf 'USER joe\\r\\nPASS secret word\\r\\nSTAT\\r\\nQUIT\\r\\n') | busybox nc 127.0.0.1 110`,
  );
  match(said, /\+OK 7 \d+\r\n/);
});
