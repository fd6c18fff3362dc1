/** The QMTP server of a process: what it reads from control files, and again when it is told to. */
import type { Control } from '../control/index.ts';
import { createGate } from '../process/index.ts';
import type { Intake } from '../queue/index.ts';
import {
  type ListenAddress,
  type ListenPlace,
  listenQmtp,
  type QmtpListener,
  readBadSenders,
  readClientRules,
  readQmtpServerLimits,
  readRecipientHosts,
} from '../serve/index.ts';
import { type ByteString, errorText } from '../system/index.ts';
import type { NetworkIntakeOptions } from './network-intake.ts';

export const qmtpRuleFile = 'qmtprules';

export interface QmtpServiceOptions {
  readonly control: Control;
  /** The way into the queue, of which a client's rule may make another. */
  intake(variables: NetworkIntakeOptions['variables']): Intake;
  /** Whether there is such a recipient here. */
  readonly isKnown?: ((address: ByteString) => Promise<boolean>) | undefined;
  /** Takes one line without its line end. */
  readonly log: (line: string) => void;
}

export interface QmtpService {
  listen(place: ListenPlace): Promise<ListenAddress>;
  /** Reads the control files again. What cannot be used is kept as it was, and said so. */
  reload(): void;
  close(): Promise<void>;
}

/** Throws, with the file's name, when what is there cannot be used. */
export function startQmtpService({ control, intake, isKnown, log }: QmtpServiceOptions): QmtpService {
  const read = () => ({
    rules: readClientRules(control, qmtpRuleFile),
    hosts: readRecipientHosts(control),
    isBadSender: readBadSenders(control),
  });
  let settings = read();
  const limits = readQmtpServerLimits(control);
  const localHost = control.line('me');
  const gate = createGate(limits.checksMax);
  const network = intake((ip) => settings.rules.of(ip).variables);
  const listeners: QmtpListener[] = [];
  return {
    async listen(place) {
      const listener = await listenQmtp({
        ...place,
        intake: network,
        limits,
        localHost,
        rules: () => settings.rules,
        hosts: () => settings.hosts,
        isBadSender: (address) => settings.isBadSender(address),
        isKnown: isKnown && ((address) => gate(() => isKnown(address))),
        log,
      });
      listeners.push(listener);
      return listener.address;
    },
    reload() {
      try {
        settings = read();
        log('qmtpd: control files read again');
      } catch (error) {
        log(`alert: qmtpd: control files kept as before: ${errorText(error)}`);
      }
    },
    async close() {
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}
