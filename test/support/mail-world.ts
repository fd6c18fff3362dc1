/**
 * A private host with name server, three mail systems of others, and a web server that has policies of domains (MTA-STS),
 * each on an address of its own and with a certificate that one authority has signed: Postfix, Exim and OpenSMTPD, and
 * busybox httpd behind stunnel. On it qmail-remote is run.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { builtExecutable, executablesMissing } from './executables.ts';
import { findProgram } from './foreign.ts';
import { type PrivateHost, privateHostMissing, startPrivateHost } from './private-host.ts';
import { keysMissing, makeServerKey } from './server-key.ts';
import { files } from './sources.ts';
import { top } from './top.ts';

/** Debian's packages of Exim and OpenSMTPD, which scripts/test fetches: they cannot be installed beside Postfix. */
const packages = files('dist/peers/servers/{exim4-base,exim4-daemon-light,opensmtpd}_*.deb');

/** Why there can be no such world, for the options of a test. */
export const worldMissing: string | false =
  privateHostMissing ||
  executablesMissing ||
  keysMissing ||
  (findProgram('postfix') === undefined && 'postfix: not installed') ||
  (findProgram('dnsmasq') === undefined && 'dnsmasq: not installed') ||
  (findProgram('stunnel4') === undefined && 'stunnel4: not installed') ||
  (findProgram('busybox') === undefined && 'busybox: not installed') ||
  (packages.length < 3 && 'the packages of Exim and OpenSMTPD: not fetched into dist/peers');

const tree = '/tree';

export const addresses = {
  dns: '10.0.0.53',
  postfix: '10.0.0.10',
  exim: '10.0.0.11',
  opensmtpd: '10.0.0.12',
  web: '10.0.0.80',
};

/** Whose domains they are, and the users who get their mail. */
export const recipients = {
  postfix: 'box@postfix.test',
  exim: 'box@exim.test',
  opensmtpd: 'box@opensmtpd.test',
} as const;

export type Receiver = keyof typeof recipients;

/** Domains with a policy, which the web server has for all of them, and who receives their mail. */
export const policyDomains = {
  'strict.test': 'exim',
  'elsewhere.test': 'exim',
  'clear.test': 'opensmtpd',
  'trying.test': 'opensmtpd',
  'unproven.test': 'opensmtpd',
} as const satisfies Readonly<Record<string, Receiver>>;

/** What dnsmasq tells besides where the three are. */
const dns = `
mx-host=fallback.test,down.test,5
mx-host=fallback.test,mx.exim.test,10
mx-host=fallback.test,mx.postfix.test,20
host-record=down.test,10.0.0.99
cname=alias.test,exim.test
mx-host=self.test,us.test,10
mx-host=self.test,mx.exim.test,20
host-record=us.test,10.0.0.1
mx-host=nowhere.test,gone.test,10
dns-rr=null.test,15,000000
server=/broken.test/10.0.0.99
${Object.entries(policyDomains)
  .map(
    ([domain, receiver]) => `mx-host=${domain},mx.${receiver}.test,10
host-record=mta-sts.${domain},${addresses.web}
txt-record=_mta-sts.${domain},"v=STSv1; id=1;"
`,
  )
  .join(
    '',
  )}${Array.from({ length: 40 }, (_, index) => `mx-host=many.test,a-host-with-a-long-name-${index}.many.test,${index + 10}`).join('\n')}
mx-host=many.test,mx.exim.test,9
local=/test/
`;

const exim = `
keep_environment =
primary_hostname = mx.exim.test
local_interfaces = ${addresses.exim}
tls_advertise_hosts = *
tls_certificate = /srv/keys/cert.pem
tls_privatekey = /srv/keys/exim.pem
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
log_file_path = /var/log/exim4/%slog
begin acl
rcpt:
  deny
    local_parts = nobody
    message = no such user
  accept
begin routers
box:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  directory = /srv/mail/exim
  maildir_format
  user = box
`;

const postfix = `
compatibility_level = 3.6
myhostname = mx.postfix.test
mydestination =
inet_interfaces = ${addresses.postfix}
inet_protocols = ipv4
alias_maps =
virtual_mailbox_domains = postfix.test, fallback.test
virtual_mailbox_base = /srv/mail
virtual_mailbox_maps = inline:{box@postfix.test=postfix/, box@fallback.test=postfix/}
virtual_uid_maps = static:8000
virtual_gid_maps = static:8000
maillog_file = /var/log/mail.log
in_flow_delay = 0s
smtpd_tls_cert_file = /srv/keys/cert.pem
smtpd_tls_key_file = /srv/keys/key.pem
smtpd_tls_security_level = encrypt
`;

const opensmtpd = `
pki "server" cert "/srv/keys/cert.pem"
pki "server" key "/srv/keys/key.pem"
listen on ${addresses.opensmtpd} tls pki "server" hostname mx.opensmtpd.test
action "box" maildir "/srv/mail/opensmtpd"
match from any for domain { "opensmtpd.test", "clear.test", "trying.test", "unproven.test" } action "box"
`;

const startDns = 'dnsmasq --conf-file=/srv/dnsmasq.conf --pid-file=/run/dnsmasq.pid --user=root';

const stunnel = `
pid = /run/stunnel.pid
cert = /srv/keys/cert.pem
key = /srv/keys/key.pem
[https]
accept = ${addresses.web}:443
connect = 127.0.0.1:8080
`;

const setUp = `
for address in 10.0.0.1 ${Object.values(addresses).join(' ')}; do ip address add $address/32 dev lo; done
groupadd --gid 8000 box
useradd --uid 8000 --gid 8000 --create-home box
for user in Debian-exim opensmtpd opensmtpq; do useradd --system --user-group "$user"; done
for package in ${packages.map((path) => `${tree}/${path}`).join(' ')}; do
  dpkg-deb --fsys-tarfile "$package" | tar -x -C / --keep-directory-symlink --exclude ./etc
done
for name in postfix exim opensmtpd; do
  for box in '' tmp new cur; do mkdir -p /srv/mail/$name/$box; done
done
chown -R box:box /srv/mail
chmod 600 /srv/keys/key.pem
cp /srv/keys/key.pem /srv/keys/exim.pem
chown Debian-exim /srv/keys/exim.pem
mkdir -p /var/spool/exim4 /var/log/exim4
chown Debian-exim:Debian-exim /var/spool/exim4 /var/log/exim4
echo 'nameserver ${addresses.dns}' >/etc/resolv.conf
${startDns}
mkdir -p /srv/www/.well-known
busybox httpd -p 127.0.0.1:8080 -h /srv/www
stunnel4 /srv/stunnel.conf
postfix start
/usr/sbin/exim4 -bd -odi
setsid /usr/sbin/smtpd -d >/var/log/smtpd.log 2>&1 </dev/null &
for address in ${addresses.postfix} ${addresses.exim} ${addresses.opensmtpd}; do
  timeout 20 bash -c "until (exec 3<>/dev/tcp/$address/25) 2>/dev/null; do sleep 0.05; done" || {
    echo "nobody listens on $address"
    cat /var/log/smtpd.log /var/log/mail.log /var/log/exim4/*
    exit 1
  }
done
`;

export interface MailWorld {
  readonly host: PrivateHost;
  /** Runs qmail-remote there; `controls` are in its home from then on. Answers what it printed. */
  send(
    args: readonly string[],
    message?: string,
    controls?: Readonly<Record<string, string>>,
  ): Promise<string>;
  /** Puts a policy there; undefined: the web server ends. */
  publish(policy: readonly string[] | undefined): Promise<void>;
  /** Tells DNS anew, with some lines of its configuration changed. */
  changeDns(change: (configuration: string) => string): Promise<void>;
  /** What has come to somebody's mailbox, as text. */
  mail(receiver: Receiver): readonly string[];
}

function writeConfiguration({ root }: PrivateHost): void {
  const listen = `no-resolv\nno-hosts\nbind-interfaces\nlisten-address=${addresses.dns}\n`;
  const hosts = (['postfix', 'exim', 'opensmtpd'] as const).map(
    (name) => `mx-host=${name}.test,mx.${name}.test,10\nhost-record=mx.${name}.test,${addresses[name]}\n`,
  );
  mkdirSync(`${root}/etc/exim4`, { recursive: true });
  mkdirSync(`${root}/var/qmail/control`, { recursive: true });
  mkdirSync(`${root}/var/qmail/queue`, { recursive: true });
  copyFileSync('/usr/share/postfix/master.cf.dist', `${root}/etc/postfix/master.cf`);
  const texts = {
    'srv/dnsmasq.conf': `${listen}${hosts.join('')}${dns}`,
    'srv/stunnel.conf': stunnel,
    'etc/exim4/exim4.conf': exim,
    'etc/postfix/main.cf': postfix,
    'etc/smtpd.conf': opensmtpd,
    'var/qmail/control/me': 'us.test\n',
    // All of them are on this host, and are to be taken for others.
    'var/qmail/control/notipme': `${Object.values(addresses).join('\n')}\n`,
  };
  for (const [path, text] of Object.entries(texts)) writeFileSync(`${root}/${path}`, text);
}

export async function startMailWorld(context: TestContext): Promise<MailWorld> {
  const host = await startPrivateHost({ binds: { [tree]: top } });
  context.after(() => host.close());
  const { root } = host;
  const proven = Object.keys(policyDomains).filter((domain) => domain !== 'unproven.test');
  const webNames = proven.map((domain) => `mta-sts.${domain}`);
  const key = makeServerKey(['mx.postfix.test', 'mx.exim.test', 'mx.opensmtpd.test', ...webNames], 'rsa');
  mkdirSync(`${root}/srv/keys`, { recursive: true });
  writeFileSync(`${root}/srv/keys/key.pem`, key.key);
  writeFileSync(`${root}/srv/keys/cert.pem`, key.cert);
  writeConfiguration(host);
  writeFileSync(`${root}/var/qmail/control/smtpca`, key.authority);
  writeFileSync(`${root}/srv/set-up`, setUp);
  await host.sh('bash -e /srv/set-up');
  const program = [builtExecutable('mini-qmail').replace(top, tree), 'qmail-remote'];
  return {
    host,
    async send(args, message = 'Subject: x\n\n.dot\nlast', controls = {}) {
      for (const [name, text] of Object.entries(controls)) {
        writeFileSync(`${root}/var/qmail/control/${name}`, text);
      }
      const { exit, stdout, stderr } = await host.run([...program, ...args], { stdin: message });
      if (exit !== 0) throw new Error(`qmail-remote ended with ${exit}: ${stderr}`);
      return stdout;
    },
    async publish(policy) {
      if (policy === undefined) await host.sh('kill "$(cat /run/stunnel.pid)"');
      else
        writeFileSync(
          `${root}/srv/www/.well-known/mta-sts.txt`,
          policy.map((line) => `${line}\r\n`).join(''),
        );
    },
    async changeDns(change) {
      const path = `${root}/srv/dnsmasq.conf`;
      writeFileSync(path, change(readFileSync(path, 'utf8')));
      await host.sh(`kill "$(cat /run/dnsmasq.pid)"
        while pidof dnsmasq >/dev/null; do sleep 0.05; done
        ${startDns}`);
    },
    mail(receiver) {
      const directory = `${root}/srv/mail/${receiver}/new`;
      return readdirSync(directory).map((name) => readFileSync(`${directory}/${name}`, 'latin1'));
    },
  };
}
