/** What fastforward and dot-forward do with a message is what Debian's C programs do: programs, queue, exit code. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import {
  type AliasCall,
  type AliasPeers,
  type AliasResult,
  bytesAt,
  callHere,
  needsPeers,
  startAliasPeers,
} from '../support/alias-peers.ts';
import { runProgram } from '../support/run-program.ts';

const message = `Subject: x\n\nbody \xe9\0\n${'long line '.repeat(20_000)}\nno end`;

const lines = {
  UFLINE: 'From s@x.y Mon Jan  1 00:00:00 2024\n',
  RPLINE: 'Return-Path: <s@x.y>\n',
  DTLINE: 'Delivered-To: root@ref.test\n',
};

describe('beside the C programs', needsPeers, () => {
  let peers: AliasPeers;
  let kept: string;

  /** Whatever a program or the queue writes goes into `kept`, which is emptied before each side's turn. */
  function emptied(): void {
    rmSync(kept, { recursive: true, force: true });
    mkdirSync(kept);
  }
  function outcome({ exit, stdout }: Omit<AliasResult, 'stderr'>) {
    const file = (name: string) => bytesAt(`${kept}/${name}`);
    return {
      exit,
      stdout,
      message: file('message'),
      envelope: file('envelope'),
      one: file('one'),
      two: file('two'),
    };
  }
  async function compare(name: string, call: AliasCall): Promise<void> {
    emptied();
    const [result] = await peers.call([call]);
    const theirs = outcome(result ?? { exit: -1, stdout: '' });
    emptied();
    const ended = await runProgram({
      program: call.program,
      args: call.args,
      env: { ...call.env, QMAILHOME: peers.home },
      stdin: call.stdin ?? '',
      seekable: true,
    });
    deepStrictEqual(outcome({ ...ended, exit: ended.exit ?? -1 }), theirs, name);
  }

  before(async () => {
    peers = await startAliasPeers();
    kept = `${peers.shared}/kept`;
    const queue = `#!/bin/sh\ncat >${kept}/message\ncat <&1 >${kept}/envelope\nexit \${QUEUE_EXIT:-0}\n`;
    writeFileSync(`${peers.home}/bin/qmail-queue`, queue, { mode: 0o755 });
    writeFileSync(`${peers.home}/control/qmailqueue`, 'bin/qmail-queue\n');
    const preline = '#!/bin/sh\n{ printf %s "$UFLINE$RPLINE$DTLINE"; cat; } | "$@"\n';
    writeFileSync(`${peers.shared}/preline`, preline);
    await peers.host.sh(`install -m 755 ${peers.shared}/preline /usr/bin/preline`);
  });

  test('fastforward', async () => {
    const table = `plain@x: a@b.c, d@e.f; owned@x: ?own@x.y, a@b.c; both@x: |cat >${kept}/one, !cat >${kept}/two, a@b.c;
      programs@x: |cat >${kept}/one, |head\\ -c\\ 5\\ >${kept}/two; said@x: |echo\\ said, a@b.c; fails@x: |exit\\ 1, a@b.c;
      never@x: |exit\\ 100, |touch\\ ${kept}/one; usage@x: |exit\\ 64, a@b.c; stop@x: |exit\\ 99, a@b.c;
      crash@x: |kill\\ -9\\ $$, a@b.c; none@x: |no-such-program-here, a@b.c; bytes@x: |printenv\\ SENDER\\;echo\\ \xe9, \xe9@b.c; deaf@x: |true, |cat\\ >${kept}/two, a@b.c;`;
    const path = `${peers.shared}/table.cdb`;
    const spaced = table.replaceAll('cat >', 'cat\\ >');
    const made = await callHere({ program: 'setforward', args: [path, `${path}.tmp`], stdin: spaced });
    strictEqual(made.exit, 0, made.stderr);
    const names = 'plain owned both programs said fails never usage stop crash none deaf bytes'.split(' ');
    for (const name of names) {
      const env = { RECIPIENT: `${name}@x`, SENDER: name === 'bytes' ? 's\xe9@x.y' : 's@x.y', ...lines };
      await compare(name, { program: 'fastforward', args: [path], env, stdin: message });
    }
    for (const queueExit of ['31', '53', '81', '91', '1']) {
      const env = { RECIPIENT: 'plain@x', SENDER: 's@x.y', QUEUE_EXIT: queueExit, ...lines };
      await compare(`queue ${queueExit}`, { program: 'fastforward', args: [path], env, stdin: message });
    }
    strictEqual(bytesAt(`${kept}/envelope`), 'Fs@x.y\0Ta@b.c\0Td@e.f\0\0');
    strictEqual(bytesAt(`${kept}/message`), lines.DTLINE + message);
    const env = { DEFAULT: 'plain', HOST: 'x', SENDER: '#@[]' };
    await compare('bare', { program: 'fastforward', args: ['-pd', path], env, stdin: '' });
    await compare('unset', { program: 'fastforward', args: [path], env, stdin: '' });
    await compare('no database', { program: 'fastforward', args: [`${path}.none`], env: { RECIPIENT: 'a' } });
    await compare('usage', { program: 'fastforward', args: [], env });
    await compare('option', { program: 'fastforward', args: ['-x', path], env });
  });

  test('dot-forward', async () => {
    const files = {
      plain: 'a@b.c, d\n# not me\n"e f"@g.h\n',
      self: 'joe, a@b.c\n',
      programs: `"|cat >${kept}/one", "|head -c 5 >${kept}/two"\n`,
      both: `a@b.c\n"|cat >${kept}/one"\nd@e.f`,
      fails: '"|exit 1"\na@b.c\n',
      never: '"|exit 77", a@b.c\n',
      crash: '"|kill -9 $$"\n',
      deaf: `"|cat >${kept}/one", "|true", a\n`,
      broken: 'a@b.c "\n',
      empty: '\n# nothing\n',
    };
    const path = (name: string) => `${peers.shared}/${name}`;
    for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text);
    const env = { USER: 'joe', HOST: 'ref.test', NEWSENDER: 's@x.y', ...lines };
    for (const name of Object.keys(files)) {
      await compare(name, { program: 'dot-forward', args: [path(name)], env, stdin: message });
    }
    const queueFails = { ...env, QUEUE_EXIT: '53' };
    await compare('queue', {
      program: 'dot-forward',
      args: [path('plain')],
      env: queueFails,
      stdin: message,
    });
    const several = [path('none'), path('empty'), path('self'), path('plain')];
    await compare('several', { program: 'dot-forward', args: several, env, stdin: message });
    await compare('bare', { program: 'dot-forward', args: [path('both')], stdin: message });
    await compare('directory', { program: 'dot-forward', args: [peers.shared], env, stdin: message });
    await compare('option', { program: 'dot-forward', args: ['-x'], env });
    await compare('no file', { program: 'dot-forward', args: [], env });
  });
});
