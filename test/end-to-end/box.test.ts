/**
 * The three ways of a box (docs/satellite.md): who may call sendmail there, and how its mail gets to the hub, in places that
 * allow a program little: no new privileges, a read-only root, a uid that no account has.
 */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { bodies, nameIn } from '../support/bodies.ts';
import { builtExecutable, executablesMissing } from '../support/executables.ts';
import { type LocalHub, startLocalHub } from '../support/local-hub.ts';
import { type PrivateHost, privateHostMissing, startPrivateHost } from '../support/private-host.ts';

const skip = privateHostMissing || executablesMissing;

const programs = '/opt/mini-qmail';

/** It listens, which only the body on Node can. */
const collector = `${programs}/mini-qmail-satellite`;

/** The user of the collector and of the flush. */
const owner = 900;

/** Words before a command that take from it what a place takes. */
const places: Readonly<Record<string, readonly string[]>> = {
  'with no new privileges': ['setpriv', '--reuid=1234', '--regid=1234', '--clear-groups', '--no-new-privs'],
  'as a uid that no account has, without any capability': [
    ...[
      'setpriv',
      '--reuid=12345',
      '--regid=12345',
      '--clear-groups',
      '--bounding-set=-all',
      '--inh-caps=-all',
    ],
  ],
  'on a read-only root': [
    ...['unshare', '--mount', 'sh', '-c', 'mount -o remount,bind,ro / && exec "$@"', 'sh'],
    ...['setpriv', '--reuid=1234', '--regid=1234', '--clear-groups'],
  ],
  // What systemd gives a service with DynamicUser=yes, which needs systemd as process 1 and is imitated here: a uid of its
  // range, no privileges to be had, the root read-only, and a /tmp of its own.
  'as a dynamic user': [
    ...[
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mount -o remount,bind,ro / && mount -t tmpfs none /tmp && exec "$@"',
      'sh',
    ],
    ...[
      'setpriv',
      '--reuid=61184',
      '--regid=61184',
      '--clear-groups',
      '--no-new-privs',
      '--bounding-set=-all',
    ],
  ],
};

for (const body of bodies)
  describe(nameIn(body, 'a box'), { skip: skip || body.missing }, () => {
    const satellite = `${programs}/${basename(body.executable)}`;
    let host: PrivateHost;
    let hub: LocalHub;
    const children: ChildProcess[] = [];

    before(async () => {
      host = await startPrivateHost({
        binds: { [programs]: dirname(builtExecutable('mini-qmail-satellite')) },
      });
      hub = await startLocalHub(host, `${programs}/mini-qmail`);
    });

    after(async () => {
      for (const child of children) child.kill('SIGKILL');
      await hub?.close();
      await host?.close();
    });

    /** A home with these control files, which anybody may read unless it is private. */
    async function home(path: string, controls: Readonly<Record<string, string>>, mode = 755): Promise<void> {
      await host.sh(`mkdir -p ${path}/control`);
      for (const [name, text] of Object.entries({ me: 'box.example', ...controls })) {
        await host.sh(`echo '${text}' >${path}/control/${name}`);
      }
      await host.sh(`chmod -R a+rX ${path}; chown -R ${owner}:${owner} ${path}; chmod ${mode} ${path}`);
    }

    /** Sends from each of the places, and answers the messages at the hub. */
    async function sendFromEach(
      way: string,
      qmailHome: string,
      beforeLooking = async () => {},
    ): Promise<readonly string[]> {
      const subjects: string[] = [];
      for (const [place, words] of Object.entries(places)) {
        const subject = `${way} ${place}`;
        const env = ['env', '-i', 'PATH=/usr/bin:/bin', `QMAILHOME=${qmailHome}`];
        const ended = await host.run([...words, ...env, satellite, 'sendmail', 'you@hub.example'], {
          stdin: `Subject: ${subject}\n\n${'x'.repeat(100)}\n`,
        });
        deepStrictEqual(ended, { exit: 0, stdout: '', stderr: '' }, subject);
        subjects.push(subject);
      }
      await beforeLooking();
      return await Promise.all(subjects.map((subject) => hub.delivered(subject)));
    }

    /** The uids that the messages name, in their order. */
    const uidsOf = (messages: readonly string[]) =>
      messages.map((text) => /^Received: \(qmail \d+ invoked by uid (\d+)\);/m.exec(text)?.[1]);

    const proven = ['1234', '12345', '1234', '61184'];

    test('whose users send by themselves', async () => {
      await home('/srv/direct', { qmqpservers: '127.0.0.1:6280' });
      const messages = await sendFromEach('direct', '/srv/direct');
      strictEqual(messages.length, 4);
    });

    test('whose users send through a collector, which alone may read its control files', async () => {
      await home('/srv/users', { collector: '/run/collector' });
      await home('/srv/collector', { qmqpservers: '127.0.0.1:6280' }, 700);
      await host.sh(`mkdir /run/collector; chown ${owner}:${owner} /run/collector`);
      const [program = '', ...args] = host.command([
        ...['setpriv', `--reuid=${owner}`, `--regid=${owner}`, '--clear-groups', '--no-new-privs'],
        ...['env', '-i', 'QMAILHOME=/srv/collector', 'PATH=/usr/bin:/bin'],
        ...[collector, 'qmail-collectd', '/run/collector'],
      ]);
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      children.push(child);
      for await (const line of createInterface({ input: child.stdout })) {
        match(line, /^listening collector \/run\/collector\/intake$/);
        break;
      }
      const messages = await sendFromEach('collected', '/srv/users');
      deepStrictEqual(uidsOf(messages), proven);
      strictEqual(await host.sh('ls -A /run/collector/proof | wc -l'), '0\n');
    });

    test('whose users leave their messages for the flush, which alone may read its control files', async () => {
      await home('/srv/leavers', { drop: '/run/drop', spoolfree: '0' });
      await home(
        '/srv/flush',
        { drop: '/run/drop', spool: '/srv/flush/spool', qmqpservers: '127.0.0.1:6280' },
        700,
      );
      await host.sh(`mkdir /run/drop; chown ${owner}:${owner} /run/drop; chmod 1733 /run/drop`);
      const flush = async () => {
        const listed = await host.run([
          'setpriv',
          '--reuid=1234',
          '--regid=1234',
          '--clear-groups',
          'ls',
          '/run/drop',
        ]);
        strictEqual(listed.exit, 2);
        // For one of the users there is nothing to flush.
        const asUser = [
          'setpriv',
          '--reuid=1234',
          '--regid=1234',
          '--clear-groups',
          'env',
          'QMAILHOME=/srv/leavers',
        ];
        deepStrictEqual(await host.run([...asUser, satellite, 'sendmail', '-q']), {
          exit: 0,
          stdout: '',
          stderr: '',
        });
        await host.sh(
          `setpriv --reuid=${owner} --regid=${owner} --clear-groups --no-new-privs env QMAILHOME=/srv/flush ${satellite} qmail-flush`,
        );
      };
      const messages = await sendFromEach('left', '/srv/leavers', flush);
      deepStrictEqual(uidsOf(messages), proven);
      strictEqual(await host.sh('ls -A /run/drop | wc -l'), '0\n');
    });
  });
