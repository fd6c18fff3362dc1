/**
 * A hub's queue at work: the store, its intake, the QMQP listeners of this process, and who decides what is tried when.
 * How deliveries are carried out is another's: in this process, or by processes of other users.
 */
import { openControl } from '../control/index.ts';
import { counters } from '../process/index.ts';
import { openStore, type Store } from '../queue/index.ts';
import {
  createBouncer,
  createRanks,
  createSender,
  type Report,
  route,
  type SenderOptions,
} from '../send/index.ts';
import {
  listenControl,
  listenIntake,
  listenQmqp,
  listenQmqps,
  listenRelay,
  type OpenChain,
  openProofs,
  type QmqpAddress,
  type ServiceAddress,
} from '../serve/index.ts';
import type { CheckPassword } from '../serve/passwords/index.ts';
import { hubQueue } from '../submit/index.ts';
import { type Answer, type ByteString, errorText, type System } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { readHubSettings } from './hub-settings.ts';
import { keepForgetting } from './keep-forgetting.ts';
import { type NetworkIntakeOptions, networkIntake } from './network-intake.ts';
import { openPopupService } from './popup-service.ts';
import { startQmtpService } from './qmtp-service.ts';
import { smtpJudge } from './smtp-judge.ts';
import { startSmtpService } from './smtp-service.ts';

export interface Deliveries {
  readonly deliver: SenderOptions['deliver'];
  /** Whether there is such a local recipient: D, if there is none. Without it nobody is asked. */
  checkRecipient?(address: ByteString): Promise<Answer>;
  /** Nothing more is to be delivered. */
  close(): Promise<void>;
}

export interface HubAccounts {
  /** What it submits is `invoked by alias`. */
  readonly aliasUid: number;
  /** As whom the network's servers run: they are believed whom a message is from. */
  readonly serverUid: number;
}

export interface HubOptions {
  readonly system: System;
  readonly home: ByteString;
  /** How deliveries are carried out, from the store on. */
  readonly deliveries: (store: Store) => Promise<Deliveries> | Deliveries;
  /** The accounts that a hub of several users has. */
  readonly accounts?: HubAccounts | undefined;
  readonly listen: readonly QmqpAddress[];
  /** Where it listens for smtp and smtps. */
  readonly smtp?: readonly ServiceAddress[] | undefined;
  /** Where it listens for qmtp. */
  readonly qmtp?: readonly ServiceAddress[] | undefined;
  /** What checks the logins of SMTP; without it there are none. */
  readonly checkPassword?: CheckPassword | undefined;
  /** Where it listens for pop3 and pop3s. */
  readonly pop3?: readonly ServiceAddress[] | undefined;
  /** What checks the logins of POP3, and serves who they are. */
  readonly openChain?: OpenChain | undefined;
  readonly report: Report;
  /** The queue cannot go on in this process. */
  readonly onLost: (error: Error) => void;
}

export interface Hub {
  /** Where it listens, with the ports that the kernel gave. */
  readonly addresses: readonly QmqpAddress[];
  /** The same for other services. */
  readonly services: readonly ServiceAddress[];
  readonly store: Store;
  /** Reads the control files again; keeps what was in force when they cannot be used. */
  reload(): void;
  /** Everything that waits is due now. */
  retryNow(): void;
  /** Stops listening, finishes what runs, and closes the queue. */
  stop(): Promise<void>;
}

const reloads = counters(
  'mini_qmail_control_reloads_total',
  'Orders to read the control files again: read, or kept as they were because the new ones are bad.',
  { result: ['read', 'kept'] },
);

/** Without deliveries nobody else is to find the queue in use. */
async function startDeliveries(options: HubOptions, store: Store): Promise<Deliveries> {
  try {
    return await options.deliveries(store);
  } catch (error) {
    await store.close();
    throw error;
  }
}

export async function startHub(options: HubOptions): Promise<Hub> {
  const { system, home, report } = options;
  const { now } = system;
  const control = openControl(system, home);
  const directory = nativeText(`${home}/queue`);
  let settings = readHubSettings(control);
  const ranks = createRanks();
  const notice = (text: string) => report({ event: 'notice', text });

  const store = await openStore(directory, {
    now,
    memoryMs: () => settings.memoryMs,
    rankFor: ranks.next,
    onAccepted: (message, recipients) => sender.accepted(message, recipients),
    onRepeated: (message, before) => report({ event: 'repeated', message, before }),
    onLost: options.onLost,
  });
  const deliveries = await startDeliveries(options, store);
  const sender = createSender({
    store,
    ranks,
    settings: () => settings,
    deliver: deliveries.deliver,
    bounce: createBouncer({ store, settings: () => settings.bounces, report, now }),
    report,
    now,
  });

  const stopForgetting = keepForgetting((count) => store.forgetSubmissions(now(), count));
  const closing: (() => Promise<void>)[] = [];
  let closeIntake = async () => {};
  const stop = async () => {
    stopForgetting();
    await Promise.all(closing.map((close) => close()));
    await sender.stop();
    // Not before: the deliveries that were running may have had something to forward.
    await closeIntake();
    await deliveries.close();
    await store.close();
  };
  const intaking = {
    control,
    intake: (variables: NetworkIntakeOptions['variables']) =>
      networkIntake({ system, builtIn: hubQueue, intake: store, variables }),
    log: notice,
  };
  const startPopup = (openChain: OpenChain) => openPopupService({ control, openChain, log: notice });
  try {
    const proofs = openProofs(directory, notice);
    const { accounts } = options;
    const intake = await listenIntake({
      directory,
      proofs,
      intake: store,
      aliasUid: accounts?.aliasUid,
      serverUid: accounts?.serverUid,
      log: notice,
    });
    closeIntake = () => intake.close();
    if (accounts !== undefined) {
      const isServer = (uid: number) => uid === accounts.serverUid;
      const relay = await listenRelay({
        directory,
        proofs,
        intake: store,
        isServer,
        async checkRecipient(recipient) {
          const { channel, address } = route(settings.routes, recipient);
          const checked = channel === 'local' ? deliveries.checkRecipient?.(address) : undefined;
          return (await checked) ?? { verdict: 'K', text: '' };
        },
        log: notice,
      });
      closing.push(() => relay.close());
    }
    const steering = await listenControl({
      directory,
      store,
      steer: sender.steer,
      retryNow: sender.retryNow,
      now,
      log: notice,
    });
    closing.push(() => steering.close());
    const addresses: QmqpAddress[] = [];
    for (const { secure = false, ...where } of options.listen) {
      const common = { ...where, localHost: settings.me, limits: settings.qmqp, log: notice };
      // A satellite has a policy of its own; the rules are about addresses.
      const variables = (host: ByteString) => (secure ? {} : settings.qmqpRules.variables(host));
      const network = networkIntake({ system, builtIn: hubQueue, intake: store, variables });
      const listener = secure
        ? await listenQmqps({ ...common, intake: network, control: nativeText(control.directory) })
        : await listenQmqp({ ...common, intake: network, refusal: (ip) => settings.qmqpRules.refusal(ip) });
      closing.push(() => listener.close());
      addresses.push({ ...listener.address, ...(secure ? { secure } : {}) });
    }
    const services: ServiceAddress[] = [];
    const { checkPassword } = options;
    const judge = smtpJudge(system, control);
    const smtp = options.smtp?.length ? startSmtpService({ ...intaking, checkPassword, judge }) : undefined;
    if (smtp !== undefined) closing.push(() => smtp.close());
    for (const { service, ...where } of options.smtp ?? []) {
      const address = await smtp?.listen(where, service === 'smtps');
      if (address !== undefined) services.push({ ...address, service });
    }
    const pop3 = options.openChain && options.pop3?.length ? startPopup(options.openChain) : undefined;
    if (pop3 !== undefined) closing.push(() => pop3.close());
    for (const { service, ...where } of options.pop3 ?? []) {
      const address = await pop3?.listen(where, service === 'pop3s');
      if (address !== undefined) services.push({ ...address, service });
    }
    const qmtp = options.qmtp?.length ? startQmtpService(intaking) : undefined;
    if (qmtp !== undefined) closing.push(() => qmtp.close());
    for (const { service, ...where } of options.qmtp ?? []) {
      const address = await qmtp?.listen(where);
      if (address !== undefined) services.push({ ...address, service });
    }
    sender.start();
    return {
      addresses,
      services,
      store,
      reload() {
        smtp?.reload();
        qmtp?.reload();
        pop3?.reload();
        try {
          settings = readHubSettings(control);
          reloads.with({ result: 'read' }).add();
          notice('control files read again');
          sender.wake();
        } catch (error) {
          reloads.with({ result: 'kept' }).add();
          report({ event: 'alert', text: `control files kept as they were: ${errorText(error)}` });
        }
      },
      retryNow() {
        sender.retryNow().catch((error: unknown) => {
          report({ event: 'warning', text: `unable to make everything due: ${errorText(error)}` });
        });
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
