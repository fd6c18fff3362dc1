import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { qmailPop3d } from '../../src/programs/qmail-pop3d.ts';
import { textOf } from '../../src/system/index.ts';
import { nodeSystem } from '../../src/system/node/index.ts';
import { channelProgramMissing } from '../support/channel-program.ts';
import { hubEntry, hubUser, isRoot, reachableNode } from '../support/hub-home.ts';
import { maildirWith } from '../support/pop3-maildir.ts';
import { type Rule, vectors } from '../support/vectors.ts';

const skip = channelProgramMissing;
const user = hubUser();

/** A Maildir of the ordinary user as whom it is served. */
function own(messages: Readonly<Record<string, string>>): string {
  const maildir = maildirWith(messages);
  chmodSync(dirname(maildir), 0o755);
  if (!isRoot) return maildir;
  for (const name of ['', '/new', '/cur', '/tmp']) chownSync(`${maildir}${name}`, user.uid, user.gid);
  for (const name of Object.keys(messages)) chownSync(`${maildir}/${name}`, user.uid, user.gid);
  return maildir;
}

function start(args: readonly string[]) {
  const child = spawn(reachableNode(user), [hubEntry(user), 'qmail-pop3d', ...args], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    stdio: 'pipe',
    ...(isRoot ? { uid: user.uid, gid: user.gid } : {}),
  });
  return child;
}

async function session(args: readonly string[], stdin: string) {
  const child = start(args);
  const said = ['', ''];
  for (const [index, stream] of [child.stdout, child.stderr].entries()) {
    stream.setEncoding('latin1').on('data', (text: string) => {
      said[index] += text;
    });
  }
  child.stdin.on('error', () => undefined).end(stdin, 'latin1');
  const [exit] = await once(child, 'close');
  return { exit: exit as number, stdout: said[0] ?? '', stderr: said[1] ?? '' };
}

/** Messages with the sizes that were recorded. */
const recorded = {
  'new/1.a.h': 'Subject: 1\n\none\n',
  'cur/2.b.h:2,S': 'Subject: 2\n\n.dot\n..x\nno lf',
  'new/3.c.h': 'Subject: 3\n\nthree\n',
};

/** Sizes of files, and what a client gets of them. */
const octets: Readonly<Record<string, string>> = { 16: '19', 26: '32', 18: '21', 60: '72' };

interface Pop3dCase {
  readonly name: string;
  readonly stdin?: string;
  readonly stdout: string;
}

const rules: readonly Rule<Pop3dCase>[] = [
  {
    reason:
      'RFC 1939 (section 11) counts a line end as two octets, as the client gets it; the original tells the size of the file',
    applies: ({ stdin = '' }) => stdin.includes('STAT'),
    expect: ({ stdout }) => ({
      stdout: stdout.replace(
        /^((?:\+OK )?\d+) (\d+)\r$/gm,
        (_, before, size) => `${before} ${octets[size]}\r`,
      ),
    }),
  },
  {
    reason: 'RFC 1939 (section 3): a message is sent as it is; the original puts an empty line behind it',
    applies: ({ stdin = '' }) => stdin.includes('TOP'),
    expect: ({ stdout }) => ({ stdout: stdout.replaceAll('\r\n\r\n.\r\n', '\r\n.\r\n') }),
  },
];

if (!skip) {
  vectors<Pop3dCase>({
    file: 'pop3d.json',
    rules,
    async run({ name, stdin = '' }) {
      if (name === 'as-root') {
        let stderr = '';
        const system = nodeSystem(['Maildir']);
        const write = (_: number, bytes: Uint8Array) => {
          stderr += textOf(bytes);
        };
        const exit = await qmailPop3d.run(
          { ...system, uid: 0, files: { ...system.files, write } },
          {
            queue: () => Promise.reject(new Error('it sends nothing')),
          },
        );
        return { exit, stdout: '', stderr };
      }
      const maildir = own(recorded);
      const ended = await session([maildir], stdin);
      const filesAfter = ['cur', 'new'].flatMap((folder) =>
        readdirSync(`${maildir}/${folder}`).map((file) => `${folder}/${file}`),
      );
      return { ...ended, files_after: filesAfter.sort() };
    },
  });
}

test('pop3d as root: it serves nobody', { skip: !isRoot && 'this is not root' }, async () => {
  const maildir = maildirWith(recorded);
  const child = spawn(process.execPath, [hubEntry(user), 'qmail-pop3d', maildir], { stdio: 'pipe' });
  let output = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    output += text;
  });
  child.stdin.on('error', () => undefined).end('DELE 1\r\nQUIT\r\n');
  deepStrictEqual([(await once(child, 'close'))[0], output], [1, '']);
  strictEqual(readdirSync(`${maildir}/new`).length, 2);
});

test('a Maildir that cannot be read', { skip }, async () => {
  const { exit, stdout, stderr } = await session(['/no/such/maildir'], 'STAT\r\n');
  strictEqual(exit, 111);
  match(stdout, /^-ERR \[SYS\/TEMP\] /);
  match(stderr, /^qmail-pop3d: fatal: .*ENOENT/);
});

test('calls that are wrong', { skip }, async () => {
  for (const args of [[], ['a', 'b'], ['--x', 'a']]) {
    const { exit, stdout } = await session(args, '');
    deepStrictEqual([exit, stdout], [100, '']);
  }
});

/** Megabytes that a process has held at most (proc(5), VmHWM), less what is of files. */
function peakMb(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

test('memory stays flat for a message of 100 MB that is read slowly', { skip }, async () => {
  const maildir = own({ 'new/1': '' });
  const megabyte = `${'x'.repeat(63)}\n`.repeat(16_384);
  for (let part = 0; part < 100; part += 1) writeFileSync(`${maildir}/new/1`, megabyte, { flag: 'a' });
  const child = start([maildir]);
  child.stdin.write('NOOP\r\n');
  await once(child.stdout, 'readable');
  const before = peakMb(child.pid);
  child.stdin.write('RETR 1\r\n');
  let bytes = 0;
  let most = 0;
  for await (const piece of child.stdout) {
    bytes += piece.length;
    if (bytes % 64 === 0) most = Math.max(most, peakMb(child.pid));
    if (bytes > 106_000_000) break;
  }
  child.kill('SIGKILL');
  ok(most - before < 30, `${before} MB before, ${most} MB at most`);
});
