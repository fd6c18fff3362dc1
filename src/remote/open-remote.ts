/** What sends mail to other hosts, put together from the control files of this host and the world around it. */
import { createResolver, type TextResolver } from '../dns/index.ts';
import type { System } from '../system/index.ts';
import { isDomainName } from './author-domain.ts';
import { fetchStsPolicy } from './mta-sts/fetch-policy.ts';
import { createStsFinder } from './mta-sts/find-policy.ts';
import { openPolicyStore } from './mta-sts/policy-store.ts';
import { ownAddresses } from './own-addresses.ts';
import { createQmtpTransport } from './qmtp/open-qmtp.ts';
import type { MailSender } from './send-mail.ts';
import type { SettingsSource } from './settings.ts';
import { createSmtpTransport } from './smtp/open-smtp.ts';
import { openTimeouts, type Timeouts } from './timeouts.ts';

/** How long a host may take until it takes mail: twice what it may have for its greeting alone (RFC 5321 4.5.3.2.1). */
export const openingMsMax = 600_000;

/** How long one message may take with one host. */
export const conversationMsMax = 2 * 3_600_000;

/** Where hosts that did not answer are written down, in the home. */
export const timeoutsFile = 'queue/lock/tcpto';

/** Where policies of domains are kept (MTA-STS), in the home. */
export const policiesDirectory = 'queue/lock/mta-sts';

export interface OpenRemoteOptions {
  readonly system: System;
  readonly home: string;
  readonly settings: SettingsSource;
  /** DNS, if it is not to be the system's. */
  readonly resolver?: TextResolver;
  /** Takes one line without its line end. */
  readonly log?: (line: string) => void;
}

export function openHomeTimeouts(system: System, home: string): Timeouts {
  return openTimeouts({ path: `${home}/${timeoutsFile}`, now: system.now, spread: system.pid });
}

export function openRemote({
  system,
  home,
  settings,
  resolver = createResolver(),
  log = () => {},
}: OpenRemoteOptions): MailSender {
  const smtp = createSmtpTransport(() => {
    const { ownName, connectMs, replyMs, authorities } = settings.current();
    const limits = { openingMs: openingMsMax, conversationMs: conversationMsMax };
    return { ownName, connectMs, replyMs, authorities, ...limits };
  });
  const qmtp = createQmtpTransport(() => {
    const { connectMs, replyMs } = settings.current();
    return { connectMs, replyMs, conversationMs: conversationMsMax };
  });
  const addressOf = async (name: string) => {
    const found = await resolver.addresses(name);
    return found.kind === 'found' ? found.records[0] : undefined;
  };
  return {
    transports: { smtp, qmtp },
    hopOptions: (current) => ({ resolver, isOwn: ownAddresses(current), random: Math.random }),
    timeouts: openHomeTimeouts(system, home),
    monotonic: system.monotonic,
    findPolicy: createStsFinder(
      {
        records: resolver.texts,
        fetch: (domain) => fetchStsPolicy(domain, { addressOf, authorities: settings.current().authorities }),
        store: openPolicyStore(`${home}/${policiesDirectory}`),
        now: system.now,
        log,
      },
      (name) => settings.current().mtaSts && isDomainName(name),
    ),
  };
}
