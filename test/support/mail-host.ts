/**
 * A private host whose mail system is Postfix or Sendmail, with users, aliases, lists, .forward files and virtual
 * domains: what somebody has who moves to the hub.
 */
import { type PrivateHost, startPrivateHost } from './private-host.ts';
import { files } from './sources.ts';
import { top } from './top.ts';
import { until } from './until.ts';

export interface MailHost extends PrivateHost {
  /** Sends a message to each address with `sendmail`, and waits until it is in these places and no others. */
  deliversAs(round: string, expected: Places): Promise<void>;
}

/** Whose mailbox, or which file, a message to an address comes to. */
export type Places = Readonly<Record<string, readonly string[]>>;

export type MailSystem = 'postfix' | 'sendmail';

/** Where the private host has the project. */
export const tree = '/tree';

/** Debian's packages of Sendmail, which scripts/test fetches. */
const sendmailPackages = `${tree}/dist/peers/sendmail`;

/** Why there can be no Sendmail, for the options of a test; false where there can. */
export const sendmailMissing: string | false =
  files('dist/peers/sendmail/sendmail-bin_*.deb').length === 0 &&
  'the packages of sendmail: not fetched into dist/peers';

/**
 * What systemd would do with processes: the hub is what the unit starts, and its log a file. Process 1 of a private
 * host waits for no children, so one that has ended is known by having no executable any more.
 */
const systemctl = `#!/bin/sh
is_there() { [ -e "/proc/$(cat "$1")/exe" ]; }
case $* in
  'enable --now mini-qmail-hub')
    start=$(sed -n 's/^ExecStart=//p' /etc/systemd/system/mini-qmail-hub.service)
    setsid $start >>/var/log/hub.log 2>&1 </dev/null &
    echo $! >/run/hub.pid ;;
  'disable --now mini-qmail-hub')
    kill -TERM "$(cat /run/hub.pid)"
    while is_there /run/hub.pid; do sleep 0.1; done ;;
  'enable --now postfix') postfix start ;;
  'disable --now postfix') postfix stop ;;
  'enable --now sendmail') /usr/libexec/sendmail/sendmail -bd -q1h ;;
  'disable --now sendmail') kill "$(head -n 1 /run/sendmail/mta/sendmail.pid)" ;;
  *) echo "systemctl $*: not known here" >&2; exit 1 ;;
esac
`;

const users = `
for name in alice bob carol dave erin; do useradd --create-home --shell /bin/sh "$name"; done
echo hub.example >/etc/mailname
printf '127.0.0.1 localhost\\n127.0.1.1 hub.example %s\\n' "$(hostname)" >/etc/hosts
printf '%s\\n' '\\bob, alice' >/home/bob/.forward
echo '"|cat >>/srv/mail/piped"' >/home/erin/.forward
chown bob: /home/bob/.forward
chown erin: /home/erin/.forward
printf 'alice\\nbob@hub.example\\n' >/etc/staff
mkdir -p /srv/mail; touch /srv/mail/kept /srv/mail/piped; chmod 666 /srv/mail/*; chown nobody /srv/mail
cat >/etc/aliases <<'END'
# Where mail goes.
postmaster: root
mailer-daemon: postmaster
root: alice
sales: bob,
  carol
staff: :include:/etc/staff
trash: /dev/null
dave: carol
END
cat >/root/virtual <<'END'
# The shop.
info@shop.example alice
orders@shop.example bob@hub.example
@old.example carol@hub.example
END
`;

const postfix = `
cat >/etc/postfix/main.cf <<'END'
compatibility_level = 3.6
myhostname = hub.example
myorigin = /etc/mailname
mydestination = $myhostname, mail.example, localhost
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
virtual_alias_maps = hash:/etc/postfix/virtual
maillog_file = /var/log/mail.log
biff = no
in_flow_delay = 0s
END
printf '%s\\n' 'keep: "|cat >>/srv/mail/kept"' 'archive: /srv/mail/archive' \\
  'later: "|test -e /srv/mail/open || exit 75; cat >/srv/mail/later"' >>/etc/aliases
{ cat /root/virtual; echo 'boss@mail.example dave'; echo 'shop.example anything'; echo 'old.example anything'; } >/etc/postfix/virtual
newaliases
postmap /etc/postfix/virtual
postfix start
# One message is deferred, and would be delivered the next time.
printf 'Subject: (waiting)\\n\\n' | sendmail later
until [ -n "$(ls /var/spool/postfix/deferred/*/* 2>/dev/null)" ]; do sleep 0.1; done
touch /srv/mail/open
`;

const sendmail = `
export DEBIAN_FRONTEND=noninteractive
printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
# It would wait for name servers that no packet can reach.
sed -i 's/^hosts:.*/hosts: files/' /etc/nsswitch.conf
: >/etc/resolv.conf
printf '127.0.2.%s %s.example\\n' 1 mail 2 shop 3 old >>/etc/hosts
cp /etc/aliases /root/aliases
dpkg --force-depends --purge postfix >/var/log/dpkg-postfix.log 2>&1 || :
dpkg --install --no-triggers ${sendmailPackages}/*.deb >/var/log/dpkg-sendmail.log 2>&1
cp /root/aliases /etc/aliases
cp /etc/mail/service.switch-nodns /etc/mail/service.switch
printf '%s\\n' mail.example shop.example old.example >>/etc/mail/local-host-names
cat >/root/feature <<'END'
FEATURE(\`virtusertable', \`hash /etc/mail/virtusertable')dnl
END
# A test sends faster than its limits let one host, and the machine may be busy.
sed -i '/ratecontrol/d; /conncontrol/d; /greet_pause/d; /CONNECTION_RATE/d' /etc/mail/sendmail.mc
sed -i '/^MAILER_DEFINITIONS/e cat /root/feature' /etc/mail/sendmail.mc
m4 /etc/mail/sendmail.mc >/etc/mail/sendmail.cf
sed -i 's/^#O \\(QueueLA\\|RefuseLA\\|DelayLA\\)=.*/O \\1=1000/' /etc/mail/sendmail.cf /etc/mail/submit.cf
# One at a time: procmail sleeps for seconds when it finds a mailbox locked.
sed -i 's/^O DeliveryMode=.*/O DeliveryMode=interactive/' /etc/mail/sendmail.cf
cp /root/virtual /etc/mail/virtusertable
makemap hash /etc/mail/virtusertable </etc/mail/virtusertable
printf '%s\\n' 'keep: "|cat >>/srv/mail/kept"' \\
  'later: "|test -e /srv/mail/open || exit 75; cat >/srv/mail/later"' >>/etc/aliases
chmod 777 /srv/mail
newaliases
/usr/libexec/sendmail/sendmail -bd -q1h
# One message is deferred, and would be delivered the next time.
printf 'Subject: (waiting)\\n\\n' | sendmail later
until sendmail -bp | grep -qi deferred; do sleep 0.1; done
touch /srv/mail/open
`;

/** Files in which mail may be, by the name of the place. */
const places = `
grep -rs '^Subject: (' /var/mail /home/*/Maildir/new /srv/mail /var/qmail/alias/Maildir/new |
  sed -n 's/^\\([^:]*\\):Subject: (\\(.*\\))$/\\1 \\2/p'
`;

function placeOf(path: string): string {
  const [, user] = /^\/(?:home|var\/mail|var\/qmail)\/([^/.]+)/.exec(path) ?? [];
  return user ?? path;
}

async function whereFound(host: PrivateHost): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, Set<string>>();
  for (const [, path = '', subject = ''] of (await host.sh(places)).matchAll(/^(\S+) (.*)$/gm)) {
    found.set(subject, (found.get(subject) ?? new Set()).add(placeOf(path)));
  }
  return found;
}

function text(found: Iterable<string> | undefined): string {
  return [...(found ?? [])].sort().join(' ');
}

/** The caller closes the host. */
export async function startMailHost(system: MailSystem): Promise<MailHost> {
  const host = await startPrivateHost({ binds: { [tree]: top } });
  try {
    await host.sh(`cat >/usr/local/bin/systemctl; chmod 755 /usr/local/bin/systemctl`, { stdin: systemctl });
    await host.sh(`${users}${system === 'postfix' ? postfix : sendmail}`);
  } catch (error) {
    await host.close();
    throw error;
  }
  return {
    ...host,
    async deliversAs(round, expected) {
      const send = (address: string) =>
        `printf 'Subject: (${round} to ${address})\\n\\n' | sendmail '${address}'\n`;
      await host.sh(Object.keys(expected).map(send).join(''));
      let unlike = '';
      await until(
        `mail to arrive`,
        async () => {
          const found = await whereFound(host);
          unlike = Object.entries(expected)
            .map(([address, wanted]) => [address, text(wanted), text(found.get(`${round} to ${address}`))])
            .filter(([, wanted, got]) => wanted !== got)
            .map(([address, wanted, got]) => `${address}: ${wanted} is expected, and there is ${got}`)
            .join('\n');
          return unlike === '' || undefined;
        },
        20_000,
        200,
      ).catch((error: unknown) => {
        throw new Error(`${round}:\n${unlike}`, { cause: error });
      });
    },
  };
}
