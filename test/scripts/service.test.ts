/** What starts the hub at boot: daemontools and runit really run it, and systemd understands its unit. */
import { match, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { executablesMissing } from '../support/executables.ts';
import { findProgram } from '../support/foreign.ts';
import { type PrivateHost, privateHostMissing, startPrivateHost } from '../support/private-host.ts';
import { top } from '../support/top.ts';
import { until } from '../support/until.ts';

const missing = privateHostMissing || executablesMissing;

const tree = '/tree';
const install = `${tree}/scripts/install`;
const service = '/service/mini-qmail-hub';
const supervised = '/var/qmail/supervise/mini-qmail-hub';

function lacks(...programs: readonly string[]): string | false {
  const absent = programs.filter((name) => findProgram(name) === undefined);
  return missing || (absent.length > 0 && `${absent.join(', ')}: not installed`);
}

interface Supervisor {
  readonly name: 'daemontools' | 'runit';
  /** Starts what is in /service, and goes on. */
  readonly scan: string;
  readonly down: string;
  /** Prints the process that it has started, among other things. */
  readonly status: string;
}

const supervisors: readonly Supervisor[] = [
  {
    name: 'daemontools',
    scan: 'svscan /service',
    down: `rm ${service}; svc -dx ${supervised} ${supervised}/log`,
    status: `svstat ${service} | sed -n 's/.*: up (pid \\([0-9]*\\)).*/\\1/p'`,
  },
  {
    name: 'runit',
    scan: 'runsvdir /service',
    down: `rm ${service}; sv force-shutdown ${supervised}`,
    status: `sed -n 1p ${supervised}/supervise/pid`,
  },
];

async function delivered(host: PrivateHost, subject: string): Promise<string> {
  const send = `printf 'Subject: ${subject}\\n\\n' | /var/qmail/bin/sendmail alice@hub.example`;
  await until(
    'the hub to take mail',
    async () => (await host.run(['sh', '-c', send])).exit === 0 || undefined,
  );
  return await until(`${subject} to arrive`, async () => {
    const { stdout } = await host.run(['grep', '-rl', `^Subject: ${subject}$`, '/home/alice/Maildir/new']);
    return stdout.trim() || undefined;
  });
}

for (const { name, scan, down, status } of supervisors) {
  const [supervisor = ''] = scan.split(' ');
  test(`${name} runs the hub, its log, and starts it again`, { skip: lacks(supervisor) }, async () => {
    const host = await startPrivateHost({ binds: { [tree]: top } });
    try {
      await host.sh(`
        useradd --create-home alice
        ${install} --host hub.example --service ${name}
        runuser -u alice -- /var/qmail/bin/maildirmake /home/alice/Maildir
        mkdir /service; ln -s ${supervised} ${service}
        setsid ${scan} >/dev/null 2>&1 </dev/null &`);
      const first = await delivered(host, 'first');
      strictEqual((await host.sh(`stat -c %U ${first}`)).trim(), 'alice');

      const log = `${supervised}/log/main/current`;
      await until(
        'the log',
        async () => /delivery \d+: success/.test(await host.sh(`cat ${log}`)) || undefined,
      );
      match(await host.sh(`cat ${log}`), name === 'daemontools' ? /^@[0-9a-f]{24} /m : /^\d{4}-\d\d-\d\d_/m);
      strictEqual((await host.sh(`stat -c %U:%G ${log}`)).trim(), 'qmaill:nofiles');

      const pid = (await host.sh(status)).trim();
      ok(Number(pid) > 1, pid);
      match(await host.sh(`ps -o user=,args= -p ${pid}`), /^root .*qmail-start/);
      await host.sh(`kill -9 ${pid}`);
      await delivered(host, 'second');

      const refused = await host.run([install, '--remove']);
      strictEqual(refused.exit, 70);
      match(refused.stderr, /the hub runs: stop it first/);
      await host.sh(down);
      await until(
        'the end of the hub',
        async () => (await host.run([install, '--remove'])).exit === 0 || undefined,
      );
    } finally {
      await host.close();
    }
  });
}

test('systemd finds nothing wrong with the unit', { skip: lacks('systemd-analyze') }, async () => {
  const host = await startPrivateHost({ binds: { [tree]: top } });
  try {
    await host.sh(`${install} --home /srv/qmail --host hub.example --service systemd`);
    const unit = '/etc/systemd/system/mini-qmail-hub.service';
    match(await host.sh(`cat ${unit}`), /^ExecStart=\/srv\/qmail\/rc$/m);
    const { exit, stdout, stderr } = await host.run(['systemd-analyze', '--man=no', 'verify', unit]);
    strictEqual(
      `${stdout}${stderr}`
        .split('\n')
        .filter((line) => line.includes('mini-qmail'))
        .join('\n'),
      '',
    );
    strictEqual(exit, 0);
  } finally {
    await host.close();
  }
});
