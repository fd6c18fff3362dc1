/** The SMTP server of a process: what it reads from control files, and again when it is told to. */
import type { Control } from '../control/index.ts';
import type { Intake } from '../queue/index.ts';
import {
  type Block,
  createSmtpServer,
  openServerCertificate,
  readBlockLists,
  readSmtpSettings,
  type SmtpReply,
  type SmtpServer,
  type SmtpServerOptions,
  serverCertificateFile,
} from '../serve/index.ts';
import { type ByteString, errorText } from '../system/index.ts';
import type { NetworkIntakeOptions } from './network-intake.ts';

export interface SmtpServiceOptions
  extends Pick<SmtpServerOptions, 'checkPassword' | 'isKnown' | 'judge' | 'log'> {
  readonly control: Control;
  /** The way into the queue, of which a client's rule may make another. */
  intake(variables: NetworkIntakeOptions['variables']): Intake;
}

export interface SmtpService extends Pick<SmtpServer, 'listen' | 'close'> {
  /** Reads the control files and the certificate again. What cannot be used is kept as it was, and said so. */
  reload(): void;
}

/** How a client is told that it is on a list in DNS. */
async function blockReply(asked: Promise<Block | undefined> | undefined): Promise<SmtpReply | undefined> {
  const block = await asked;
  if (block === undefined) return undefined;
  const { permanent, text } = block;
  return permanent ? { code: 553, enhanced: '5.7.1', text } : { code: 451, enhanced: '4.7.1', text };
}

/** Throws, with the file's name, when what is there cannot be used. */
export function startSmtpService(options: SmtpServiceOptions): SmtpService {
  const { control, log } = options;
  let settings = readSmtpSettings(control);
  let lists = readBlockLists(control, log);
  const certificate = openServerCertificate(control.directory, log);
  const variables = (ip: ByteString) => settings.rules.of(ip).variables;
  const server = createSmtpServer({
    ...options,
    settings: () => settings,
    intake: options.intake(variables),
    secureContext: () => certificate.context,
    // Asked for at each connection: lists may come and go.
    get blocked() {
      return lists && ((ip: ByteString) => blockReply(lists?.(ip)));
    },
  });

  function attempt(what: string, read: () => void): void {
    try {
      read();
    } catch (error) {
      log(`alert: smtpd: ${what} kept as before: ${errorText(error)}`);
    }
  }

  return {
    listen(place, implicitTls) {
      if (implicitTls && certificate.context === undefined) {
        const reason = `${control.directory}/${serverCertificateFile} is missing: there is no TLS without it`;
        return Promise.reject(new Error(reason));
      }
      return server.listen(place, implicitTls);
    },
    close: server.close,
    reload() {
      attempt('control files', () => {
        settings = readSmtpSettings(control);
        lists = readBlockLists(control, log);
      });
      attempt('certificate', certificate.reload);
      log('smtpd: control files read again');
    },
  };
}
