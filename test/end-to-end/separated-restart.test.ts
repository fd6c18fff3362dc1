/** The hub that root starts, when one of its own processes is killed or cannot begin: all are started again, and nothing is lost. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { findProgram, needs } from '../support/foreign.ts';
import { separatedHubMissing, startSeparatedHub } from '../support/separated-hub.ts';
import { until } from '../support/until.ts';

const skip = separatedHubMissing;

test('whichever process is killed, the others are ended, all begin again, and each message arrives', {
  skip,
}, async () => {
  const hub = await startSeparatedHub({ users: ['ann'], args: ['--qmqp', '127.0.0.1:628'] });
  try {
    const sent: string[] = [];
    const send = async (subject: string) => {
      // While all begin again nobody takes it, and it is sent again, as cron's next run would.
      await until('it to be taken', () =>
        hub.send('ann@hub.test', ['ann@hub.test'], `Subject: ${subject}\n\nx\n`).then(
          () => true as const,
          () => undefined,
        ),
      );
      sent.push(subject);
    };
    for (const name of ['qmail-send', 'qmail-lspawn', 'qmail-rspawn', 'qmail-qmqpd']) {
      await send(`before ${name}`);
      const from = hub.lines.length;
      const victim = hub.processes().find(({ words }) => words[0] === name);
      process.kill(victim?.pid ?? 0, 'SIGKILL');
      await hub.line(new RegExp(`^alert: ${name} has ended by SIGKILL; everything is started again$`), from);
      await hub.line(/^status: local/, from);
      await hub.line(/^listening qmqp /, from);
      await send(`after ${name}`);
    }
    const subjects = () => hub.mail('ann').map((message) => /^Subject: (.*)$/m.exec(message)?.[1] ?? '');
    const allThere = () => (sent.every((subject) => subjects().includes(subject)) ? true : undefined);
    await until('all messages', allThere);
    // A kill between a delivery and its record may double it, and nothing else.
    assert.ok(subjects().length <= sent.length + 4);
    assert.equal(await hub.stop(), 0);
  } finally {
    await hub.close();
  }
});

const blocker = findProgram('qmqp-sink') ?? '';
const blockedMs = 2_000;

test('a port that is taken is waited for', { skip: skip || needs('qmqp-sink').skip }, async () => {
  const hub = await startSeparatedHub({
    args: ['--qmqp', '127.0.0.1:628'],
    async prepare(host) {
      const [program = '', ...args] = host.command([blocker, '127.0.0.1:628', '10']);
      spawn(program, args, { stdio: 'ignore' });
      await until('the port to be taken', async () =>
        (await host.sh('cat /proc/net/tcp')).includes(':0274 00000000:0000 0A') ? true : undefined,
      );
      setTimeout(() => host.sh('pkill qmqp-sink'), blockedMs).unref();
    },
  });
  try {
    assert.match(
      hub.lines[0] ?? '',
      /^alert: unable to start: listen EADDRINUSE: .*127\.0\.0\.1:628; will try again$/,
    );
    await hub.line(/^listening qmqp 127\.0\.0\.1:628$/);
    assert.equal(await hub.stop(), 0);
  } finally {
    await hub.close();
  }
});
