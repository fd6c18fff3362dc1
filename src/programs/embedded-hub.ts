/**
 * A hub in one process and as one user, who owns the queue and gets all mail in one home. The rooms are those of the hub
 * that is started as root; only this wiring differs.
 */
import { userInfo } from 'node:os';
import { openControl } from '../control/index.ts';
import { deliverLocally } from '../local/index.ts';
import { splitAddress } from '../mail/index.ts';
import { runProgramAside } from '../process/index.ts';
import type { Store } from '../queue/index.ts';
import { createPrepare, createRemoteSender, openRemote, watchSettings } from '../remote/index.ts';
import type { Deliver } from '../send/index.ts';
import { chainOfPrograms, type OpenChain } from '../serve/index.ts';
import {
  type CheckPassword,
  checkByProgram,
  readCheckCommand,
  readSessionCommand,
} from '../serve/passwords/index.ts';
import { chooseQueue, hubQueue } from '../submit/index.ts';
import { type ByteString, byteStringOf } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';
import { type Deliveries, type Hub, type HubOptions, startHub } from './hub.ts';
import { readProgramMsMax } from './program-time.ts';

type EmbeddedWorld = Pick<HubOptions, 'system' | 'home' | 'report'>;

/** Where all mail goes. */
export interface EmbeddedDelivery {
  /** The directory that the default delivery counts from. */
  readonly mailHome: ByteString;
  /** Lines of the .qmail notation. */
  readonly delivery: ByteString;
}

/** Mail for other hosts leaves from this process. */
function remoteDeliveries(
  options: EmbeddedWorld,
  store: Store,
): Pick<Deliveries, 'close'> & { deliver: Deliver } {
  const { system, home, report } = options;
  const control = openControl(system, home);
  const settings = watchSettings(system, control, (text) => report({ event: 'alert', text }));
  const log = (text: string) => report({ event: 'notice', text });
  const mail = openRemote({ system, home: nativeText(home), settings, log });
  mail.timeouts.clear();
  const sender = createRemoteSender({ settings, sender: mail, prepare: createPrepare(system, control) });
  return {
    deliver: ({ message, sender: from, address }) =>
      sender.deliver({
        message: String(message.id),
        sender: from,
        recipient: address,
        fetch: () => Promise.resolve({ body: store.body(message), release: () => undefined }),
      }),
    close: async () => sender.close(),
  };
}

/** Programs of .qmail files run in it. */
function absolute(path: ByteString): ByteString {
  return path.startsWith('/') ? path : `${byteStringOf(process.cwd())}/${path}`;
}

/** The name of the account as which everything is delivered; its number where it has none. */
function accountName(): ByteString {
  try {
    return byteStringOf(userInfo().username);
  } catch {
    return String(process.getuid?.() ?? '');
  }
}

function embeddedDeliveries(world: EmbeddedWorld, options: EmbeddedDelivery, store: Store): Deliveries {
  const { system, home: qmailHome } = world;
  const { delivery } = options;
  const queue = chooseQueue(system, hubQueue, runProgramAside);
  const home = absolute(options.mailHome);
  const user = accountName();
  const programMsMax = readProgramMsMax(openControl(system, qmailHome));
  const local: Deliver = ({ message, sender, address }) => {
    const parts = splitAddress(address);
    return deliverLocally(
      {
        user,
        home,
        dash: '',
        extension: '',
        delivery,
        local: parts.local,
        domain: parts.domain ?? '',
        body: store.body(message),
        sender,
        nowMs: system.now(),
      },
      { system, queue, programMsMax },
    );
  };
  const remote = remoteDeliveries(world, store);
  return { deliver: { local, remote: remote.deliver }, close: remote.close };
}

/** Who logs in reads what is delivered here, as the user as whom everything is. */
function embeddedChain({ system, home }: EmbeddedWorld, mailHome: ByteString): OpenChain {
  const control = openControl(system, home);
  const command = [...readCheckCommand(control), ...readSessionCommand(control)] as const;
  return chainOfPrograms(command, nativeText(absolute(mailHome)));
}

export interface EmbeddedHubOptions
  extends Omit<HubOptions, 'deliveries' | 'accounts' | 'openChain' | 'checkPassword'>,
    EmbeddedDelivery {
  /** Whether clients of SMTP may log in. */
  readonly smtpAuth?: boolean;
}

function embeddedCheck({ system, home }: EmbeddedWorld, report: HubOptions['report']): CheckPassword {
  const log = (text: string) => report({ event: 'notice', text });
  return checkByProgram({ command: readCheckCommand(openControl(system, home)), log });
}

export function startEmbeddedHub(options: EmbeddedHubOptions): Promise<Hub> {
  const { mailHome, delivery, smtpAuth, ...hub } = options;
  return startHub({
    ...hub,
    ...(options.pop3?.length ? { openChain: embeddedChain(options, mailHome) } : {}),
    ...(smtpAuth ? { checkPassword: embeddedCheck(options, options.report) } : {}),
    deliveries: (store) => embeddedDeliveries(options, { mailHome, delivery }, store),
  });
}
