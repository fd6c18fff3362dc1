/** Each of the three programs of POP3 in a chain with others: Dovecot's, and those of CVM. */
import { match } from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { builtExecutable, executablesMissing } from '../support/executables.ts';
import { needs } from '../support/foreign.ts';
import { makeAccounts, makeHome, makeQmail } from '../support/hub-host.ts';
import { type PrivateHost, privateHostMissing, startPrivateHost } from '../support/private-host.ts';

const skip = privateHostMissing || executablesMissing || needs('busybox', 'chpasswd').skip;

const dovecotPop3 = '/usr/lib/dovecot/pop3';

const needsDovecot = {
  skip:
    needs('dovecot').skip ||
    (!existsSync(dovecotPop3) && `${dovecotPop3}: not installed (Debian: dovecot-pop3d)`),
};

const mini = '/opt/mini-qmail/mini-qmail';

/** Dovecot warns of programs that become who logs in where users have shells; here nobody else has one. */
const dovecotConfiguration = `
protocols = pop3
listen = 127.0.0.1
base_dir = /srv/dovecot
log_path = /srv/dovecot.log
ssl = no
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
first_valid_uid = 1000
service auth {
  user = root
  vsz_limit = 0
}
service pop3-login {
  inet_listener pop3 {
    port = 1100
  }
  inet_listener pop3s {
    port = 0
  }
}
passdb {
  driver = checkpassword
  args = /usr/bin/env INSECURE_SETUID=1 ${mini} checkpassword --keep 4
}
userdb {
  driver = prefetch
}
`;

describe('chains of programs', { skip }, () => {
  let host: PrivateHost;

  before(async () => {
    host = await startPrivateHost({ binds: { '/opt/mini-qmail': dirname(builtExecutable('mini-qmail')) } });
    makeAccounts(host, ['joe']);
    makeHome(host, '/home/joe', 8000);
    makeQmail(host, {});
    mkdirSync(`${host.root}/srv/dovecot`);
    writeFileSync(`${host.root}/home/joe/Maildir/new/1.test`, 'Subject: x\n\nhello\n');
    await host.sh("chown joe:joe /home/joe/Maildir/new/1.test; echo 'joe:secret word' | chpasswd");
  });
  after(() => host.close());

  /** A session with the server on a port; what it says, without CR. */
  function fetch(port: number, password = 'secret word'): Promise<string> {
    const said = `USER joe\\r\\nPASS ${password}\\r\\nRETR 1\\r\\nQUIT\\r\\n`;
    return host.sh(`printf '${said}' | busybox nc 127.0.0.1 ${port} | tr -d '\\r'`);
  }

  /** Our listener with these control files; ends with the host. */
  async function listen(port: number, controls: Readonly<Record<string, string>>): Promise<void> {
    const home = `/srv/qmail-${port}`;
    await host.sh(`mkdir -p ${home}/control; echo hub.test >${home}/control/me`);
    for (const [name, text] of Object.entries(controls))
      writeFileSync(`${host.root}${home}/control/${name}`, `${text}\n`);
    await host.sh(`
      export QMAILHOME=${home} CVM_ACCOUNT_SPLIT_CHARS=
      setsid ${mini} qmail-popup --listen 127.0.0.1:${port} >/srv/log-${port} 2>&1 </dev/null &
      until grep -q listening /srv/log-${port}; do sleep 0.05; done`);
  }

  const message = /\nSubject: x\n\nhello\n\.\n/;

  test('our checkpassword behind Dovecot, with its pop3d', needsDovecot, async () => {
    writeFileSync(`${host.root}/srv/dovecot.conf`, dovecotConfiguration);
    await host.sh(`
      setsid dovecot -F -c /srv/dovecot.conf >/srv/dovecot.out 2>&1 </dev/null &
      until printf 'QUIT\\r\\n' | busybox nc 127.0.0.1 1100 2>/dev/null | grep -q OK; do sleep 0.1; done`);
    match(await fetch(1100), message);
    match(await fetch(1100, 'wrong'), /-ERR \[AUTH\]/);
  });

  test("Dovecot's pop3d in our chain", needsDovecot, async () => {
    // Without a master it does not greet who has logged in.
    writeFileSync(
      `${host.root}/srv/pop3d`,
      `#!/bin/sh\nprintf '+OK \\r\\n'\nexec ${dovecotPop3} -o mail_location=maildir:~/Maildir -o log_path=/dev/null -o stats_writer_socket_path=\n`,
      { mode: 0o755 },
    );
    await listen(1101, { pop3d: '/srv/pop3d' });
    match(await fetch(1101), message);
    match(await fetch(1101, 'wrong'), /-ERR \[AUTH\]/);
  });

  test('cvm-checkpassword in our chain', needs('cvm-checkpassword', 'cvm-unix'), async () => {
    await listen(1102, { checkpassword: 'cvm-checkpassword cvm-command:/usr/bin/cvm-unix' });
    match(await fetch(1102), message);
    match(await fetch(1102, 'wrong'), /-ERR \[AUTH\]/);
  });

  test('the chain under tcpserver, as it always was', needs('tcpserver'), async () => {
    await host.sh(`
      setsid tcpserver -HRl0 127.0.0.1 1103 ${mini} qmail-popup hub.test ${mini} checkpassword ${mini} qmail-pop3d ./Maildir/ \\
        >/srv/log-1103 2>&1 </dev/null &
      until busybox nc 127.0.0.1 1103 </dev/null >/dev/null 2>&1; do sleep 0.05; done`);
    match(await fetch(1103), message);
    match(await fetch(1103, 'wrong'), /-ERR \[AUTH\]/);
  });
});
