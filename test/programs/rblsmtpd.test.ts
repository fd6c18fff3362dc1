import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { builtExecutable, executablesMissing } from '../support/executables.ts';
import { needs } from '../support/foreign.ts';
import { listRecords, listServerMissing } from '../support/list-server.ts';
import { privateHostMissing, startPrivateHost } from '../support/private-host.ts';
import { runProgram } from '../support/run-program.ts';

const mail = 'EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nQUIT\r\n';

function run(args: readonly string[], env: Readonly<Record<string, string>>, stdin = mail) {
  return runProgram({ program: 'rblsmtpd', args, env, stdin });
}

test('$RBLSMTPD decides alone: a text for now, one for ever, and none', async () => {
  const now = await run(['-r', 'bad.test', 'echo', 'served'], {
    RBLSMTPD: 'go away',
    TCPREMOTEIP: '192.0.2.7',
  });
  deepStrictEqual([now.exit, now.stdout.split('\r\n')[3]], [0, '451 4.7.1 go away']);
  match(now.stdout, /^220 .*\r\n250 .*\r\n250 .*\r\n451 .*\r\n221 .*\r\n$/);
  match(now.stderr, /^rblsmtpd: 192\.0\.2\.7 pid \d+: 451 go away\n$/);
  const ever = await run(['echo', 'served'], { RBLSMTPD: '-go away' });
  match(ever.stdout, /553 5\.7\.1 go away\r\n/);
  const none = await run(['-r', 'bad.test', 'echo', 'served'], { RBLSMTPD: '', TCPREMOTEIP: '192.0.2.7' });
  deepStrictEqual(none, { exit: 0, stdout: 'served\n', stderr: '' });
});

test('the program has the descriptors, the variables and the last word', async () => {
  const { exit, stdout } = await run(['sh', '-c', 'cat; echo $TCPREMOTEIP; exit 9'], {
    TCPREMOTEIP: '192.0.2.7',
  });
  deepStrictEqual([exit, stdout], [9, `${mail}192.0.2.7\n`]);
  const missing = await run(['/no/such/program'], {});
  strictEqual(missing.exit, 111);
  match(missing.stderr, /^rblsmtpd: fatal: /);
});

test('a client that is blocked may not stay', async () => {
  const talkative = await run(['true'], { RBLSMTPD: 'no' }, 'NOOP\r\n'.repeat(1000));
  strictEqual(talkative.exit, 0);
  strictEqual(talkative.stdout.split('250 ').length - 1, 100);
});

test('calls that are wrong', async () => {
  for (const args of [
    [],
    ['-x', 'true'],
    ['-r'],
    ['-r', 'a'],
    ['-t', 'x', 'true'],
    ['-t0', 'true'],
    ['-t'],
  ]) {
    const { exit, stderr } = await run(args, {});
    strictEqual(exit, 100, args.join(' '));
    match(stderr, /usage: rblsmtpd/);
  }
});

const skip = privateHostMissing || executablesMissing || listServerMissing || needs('tcpclient').skip;

test('lists on a real server, for IPv4 and IPv6, and no server at all', { skip }, async () => {
  const host = await startPrivateHost({
    binds: { '/opt/mini-qmail': dirname(builtExecutable('mini-qmail')) },
  });
  try {
    const look = async (ip: string, ...args: readonly string[]) => {
      const command = [
        'env',
        `TCPREMOTEIP=${ip}`,
        '/opt/mini-qmail/mini-qmail',
        'rblsmtpd',
        ...args,
        'echo',
        'served',
      ];
      const { stdout } = await host.run(command, { stdin: mail });
      return /^(451|553) .*$/m.exec(stdout)?.[0].trimEnd() ?? stdout;
    };
    writeFileSync(`${host.root}/etc/resolv.conf`, 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
    // Nobody answers there so far: refused at once.
    strictEqual(await look('127.0.0.2', '-r', 'bad.test'), 'served\n');
    strictEqual(
      await look('127.0.0.2', '-c', '-r', 'bad.test'),
      '451 4.7.1 the list bad.test cannot be asked now',
    );
    strictEqual(
      await look('127.0.0.2', '-b', '-c', '-r', 'bad.test'),
      '451 4.7.1 the list bad.test cannot be asked now',
    );
    const options = `--no-resolv --no-hosts --conf-file=/dev/null --user=root ${listRecords.map((one) => `'${one}'`).join(' ')}`;
    await host.sh(`dnsmasq ${options}`);
    strictEqual(await look('127.0.0.2', '-r', 'bad.test'), '451 4.7.1 listed for a test');
    strictEqual(
      await look('127.0.0.2', '-b', '-rbad.test:%IP% is not wanted'),
      '553 5.7.1 127.0.0.2 is not wanted',
    );
    strictEqual(await look('2001:db8::7', '-r', 'bad.test'), '451 4.7.1 2001:db8::7 is on the list bad.test');
    strictEqual(await look('127.0.0.1', '-r', 'bad.test'), 'served\n');
    strictEqual(await look('2001:db8::8', '-r', 'bad.test'), 'served\n');
    strictEqual(await look('192.0.2.8', '-r', 'bad.test'), '451 4.7.1 192.0.2.8 is on the list bad.test');
    strictEqual(await look('192.0.2.8', '-a', 'good.test', '-r', 'bad.test'), 'served\n');
    strictEqual(
      await look('192.0.2.8', '-r', 'bad.test', '-a', 'good.test'),
      '451 4.7.1 192.0.2.8 is on the list bad.test',
    );

    // The server that listens itself asks the lists in its control files.
    await host.sh(`
      mkdir -p /var/qmail/control
      echo hub.test | tee /var/qmail/control/me >/var/qmail/control/rcpthosts
      echo bad.test >/var/qmail/control/blocklists
      setsid /opt/mini-qmail/mini-qmail qmail-smtpd --listen 127.0.0.1:2525 >/srv/log 2>&1 </dev/null &
      until grep -q listening /srv/log; do sleep 0.05; done`);
    const commands = 'EHLO x\\r\\nMAIL FROM:<a@b.test>\\r\\nRCPT TO:<c@hub.test>\\r\\nQUIT\\r\\n';
    const told = (from: string) =>
      host.sh(`tcpclient -HRl0 -i ${from} 127.0.0.1 2525 sh -c "printf '${commands}' >&7; cat <&6"`);
    match(await told('127.0.0.2'), /\n451 4\.7\.1 listed for a test\r\n221 /);
    match(await told('127.0.0.1'), /\n250 2\.1\.5 [^\n]*\r\n221 /);
  } finally {
    await host.close();
  }
});

test("Debian's rblsmtpd and ours refuse in the same way", needs('rblsmtpd'), async () => {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const env = { PATH: '/usr/bin:/bin', RBLSMTPD: '-go away' };
  const theirs = spawnSync('rblsmtpd', ['true'], { env, input: mail, encoding: 'latin1' });
  const ours = await run(['true'], { RBLSMTPD: '-go away' });
  const codes = (text: string) => text.split('\r\n').map((line) => line.slice(0, 4));
  deepStrictEqual(codes(ours.stdout), codes(theirs.stdout));
});
