/** The hub that root starts: who its processes are, and what each of them has in its hands, while mail flows. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { groupIds, hubIds, uidOf } from '../support/hub-host.ts';
import {
  type HubProcess,
  type SeparatedHub,
  separatedHubMissing,
  startSeparatedHub,
} from '../support/separated-hub.ts';

const skip = separatedHubMissing;

let hub: SeparatedHub;

before(async () => {
  if (skip !== false) return;
  hub = await startSeparatedHub({
    users: ['ann', 'bob'],
    // A logger that has the log on two places: tee's second one is where the test reads it.
    args: ['--qmqp', '127.0.0.1:628', './Maildir/', 'tee', '/tmp/hub-log'],
    prepare: ({ root }) => writeFileSync(`${root}/var/qmail/alias/.qmail-default`, './Maildir/\n'),
  });
});

after(() => hub?.close());

interface Identity {
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly groups: readonly number[];
  readonly umask: string;
}

function identityOf(pid: number): Identity {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const field = (name: string) => new RegExp(`^${name}:\\t(.*)$`, 'm').exec(status)?.[1]?.trim() ?? '';
  const numbers = (name: string) => (field(name) === '' ? [] : field(name).split(/\s+/).map(Number));
  return { uids: numbers('Uid'), gids: numbers('Gid'), groups: numbers('Groups'), umask: field('Umask') };
}

/** Real, effective, saved and file-system identity are one, and there is no group besides. */
function isAll({ uids, gids, groups }: Identity, uid: number, gid: number): void {
  assert.deepEqual(uids, [uid, uid, uid, uid]);
  assert.deepEqual(gids, [gid, gid, gid, gid]);
  assert.deepEqual(
    groups.filter((group) => group !== gid),
    [],
  );
}

function named(name: string): HubProcess {
  const found = hub.processes().find(({ words }) => words[0] === name);
  assert.ok(found, `no ${name} among ${JSON.stringify(hub.processes())}`);
  return found;
}

function workerOf(uid: number): HubProcess | undefined {
  return hub
    .processes()
    .find(({ words, pid }) => words[0] === 'qmail-ldeliver' && identityOf(pid).uids[0] === uid);
}

/** What descriptors lead to: regular files by path, sockets and pipes by kind. What Node has for itself is left out. */
function holdings(pid: number): readonly string[] {
  const links = readdirSync(`/proc/${pid}/fd`).map((number): readonly [string, string] => [
    number,
    // As the process sees it.
    readlinkSync(`/proc/${pid}/fd/${number}`).replace(/^\/.*\/mini-qmail-host-\w+\/root(?=\/)/, ''),
  ]);
  return links
    .filter(([, link]) => !link.startsWith('anon_inode:'))
    .map(([number, link]) => (Number(number) <= 3 ? `${number} ` : '') + link.replace(/:\[\d+\]$/, ''))
    .toSorted();
}

/** Files that are open, by path. */
function filesOf(pid: number): readonly string[] {
  return holdings(pid)
    .map((holding) => holding.replace(/^\d /, ''))
    .filter((link) => link.startsWith('/') && link !== '/dev/null');
}

test('each process is who the table says, and nobody else', { skip }, async () => {
  await hub.send('me@hub.test', ['ann@hub.test', 'bob@hub.test', 'root@hub.test'], 'Subject: x\n\nx\n');
  await hub.count(/^delivery \d+: success/, 3);
  isAll(identityOf(hub.pid), 0, 0);
  isAll(identityOf(named('qmail-lspawn').pid), 0, 0);
  isAll(identityOf(named('qmail-send').pid), hubIds.qmailq.uid, groupIds.qmail);
  isAll(identityOf(named('qmail-rspawn').pid), hubIds.qmailr.uid, groupIds.qmail);
  isAll(identityOf(named('qmail-qmqpd').pid), hubIds.qmaild.uid, groupIds.nofiles);
  isAll(identityOf(named('tee').pid), hubIds.qmaill.uid, groupIds.nofiles);
  for (const [uid, gid] of [
    [uidOf(0), uidOf(0)],
    [uidOf(1), uidOf(1)],
    [hubIds.alias.uid, hubIds.alias.gid],
  ] as const) {
    const worker = workerOf(uid);
    assert.ok(worker, `no worker of uid ${uid}`);
    isAll(identityOf(worker.pid), uid, gid);
    assert.equal(identityOf(worker.pid).umask, '0077');
    const environment = readFileSync(`/proc/${worker.pid}/environ`, 'latin1').split('\0').slice(0, -1);
    assert.deepEqual(environment.map((entry) => entry.split('=')[0]).toSorted(), [
      'PATH',
      'QMAILHOME',
      'UV_THREADPOOL_SIZE',
    ]);
  }
  // Nobody but these.
  assert.deepEqual(
    hub
      .processes()
      .map(({ words }) => words[0])
      .toSorted(),
    [
      ...['qmail-ldeliver', 'qmail-ldeliver', 'qmail-ldeliver', 'qmail-lspawn', 'qmail-qmqpd'],
      ...['qmail-rspawn', 'qmail-send', 'qmail-start', 'tee'],
    ],
  );
});

test('each process holds what the table says: only qmail-send the queue, and nothing that is root’s a file', {
  skip,
}, () => {
  const store = ['store.lock', 'store.sqlite', 'store.sqlite-shm', 'store.sqlite-wal'];
  const queue = filesOf(named('qmail-send').pid).map((path) => path.replace('/var/qmail/queue/', ''));
  assert.deepEqual([...new Set(queue)].toSorted(), store);
  for (const name of ['qmail-start', 'qmail-lspawn', 'qmail-rspawn', 'qmail-qmqpd']) {
    const pid = name === 'qmail-start' ? hub.pid : named(name).pid;
    assert.deepEqual(filesOf(pid), [], name);
  }
  assert.deepEqual(filesOf(named('tee').pid), ['/tmp/hub-log']);
  for (const { pid, words } of hub.processes()) {
    if (words[0] !== 'qmail-ldeliver') continue;
    // Nothing, nowhere to say anything, and the channel.
    assert.deepEqual(
      holdings(pid).filter((holding) => /^[0-3] /.test(holding)),
      ['0 /dev/null', '1 /dev/null', '2 /dev/null', '3 socket'],
    );
    assert.deepEqual(filesOf(pid), []);
  }
});

test('mail for root goes to the alias user', { skip }, () => {
  const [message = '', ...more] = hub.mail('alias');
  assert.deepEqual(more, []);
  assert.match(message, /^Delivered-To: root@hub\.test$/m);
});

test('nobody but its owner can read what was delivered, or the queue', { skip }, async () => {
  const [ann = 0, bob = 0] = [uidOf(0), uidOf(1)];
  const asBob = ['setpriv', `--reuid=${bob}`, `--regid=${bob}`, '--clear-groups'];
  const names = readdirSync(`${hub.host.root}/home/ann/Maildir/new`);
  assert.equal(names.length, 1);
  for (const path of [`/home/ann/Maildir/new/${names[0]}`, '/var/qmail/queue/store.sqlite']) {
    const { exit, stderr } = await hub.host.run([...asBob, 'cat', path]);
    assert.notEqual(exit, 0, path);
    assert.match(stderr, /Permission denied/);
  }
  assert.notEqual((await hub.host.run([...asBob, 'ls', '/var/qmail/queue/proof'])).exit, 0);
  // A worker is its user: the kernel says the same to it.
  assert.equal(identityOf(workerOf(ann)?.pid ?? 0).uids[0], ann);
});

test('what comes over the network is known to, and what a user submits bears the user’s number', {
  skip,
}, async () => {
  const [before] = [hub.mail('ann').length];
  const asBob = ['setpriv', `--reuid=${uidOf(1)}`, `--regid=${uidOf(1)}`, '--clear-groups'];
  const inject = ['/opt/mini-qmail/mini-qmail', 'qmail-inject', 'ann@hub.test'];
  assert.equal((await hub.host.run([...asBob, ...inject], { stdin: 'Subject: local\n\n' })).exit, 0);
  const client = ['/opt/mini-qmail/mini-qmail-satellite', 'qmail-inject', 'ann@hub.test'];
  await hub.host.sh('mkdir -p /satellite/control; echo 127.0.0.1 > /satellite/control/qmqpservers');
  const sent = await hub.host.run(client, {
    stdin: 'Subject: remote\n\n',
    env: { QMAILHOME: '/satellite', PATH: '/usr/bin:/bin' },
  });
  assert.equal(sent.exit, 0, sent.stderr);
  await hub.count(/^delivery \d+: success/, before + 4);
  const mail = hub.mail('ann');
  const local = mail.find((message) => message.includes('Subject: local')) ?? '';
  assert.match(local, new RegExp(`^Received: \\(qmail \\d+ invoked by uid ${uidOf(1)}\\); `, 'm'));
  const remote = mail.find((message) => message.includes('Subject: remote')) ?? '';
  assert.match(remote, /^Received: \(qmail \d+ invoked from network\); /m);
  assert.match(remote, /^Received: from unknown \(127\.0\.0\.1\)\n {2}by hub\.test with QMQP; /m);
});

test('SIGTERM ends it in order, and nothing is left', { skip }, async () => {
  assert.equal(await hub.stop(), 0);
  assert.deepEqual(hub.processes(), []);
  assert.ok(hub.lines.includes('status: exiting'));
});
