/** POP3 as control files say it: what a listener of this host needs, wherever it runs. */
import { randomBytes } from 'node:crypto';
import type { Control } from '../control/index.ts';
import {
  createPopupServer,
  type OpenChain,
  openServerCertificate,
  type PopupServer,
  readPopupLimits,
  readPopupRules,
  serverCertificateFile,
} from '../serve/index.ts';
import type { ByteString } from '../system/index.ts';
import { errorText } from '../system/index.ts';

export interface PopupServiceOptions {
  readonly control: Control;
  readonly openChain: OpenChain;
  /** Takes one line without its line end. */
  log(line: string): void;
}

export interface PopupService extends Pick<PopupServer, 'listen' | 'close'> {
  /** Reads the certificate and the rules again; what is bad stays as it was. */
  reload(): void;
}

interface Settings {
  readonly plain: boolean;
  readonly apop: boolean;
  readonly me: ByteString;
  readonly isAllowed: (ip: ByteString) => boolean;
}

function readSettings(control: Control): Settings {
  return {
    plain: control.number('popplaintext', 0) > 0,
    apop: control.number('popapop', 0) > 0,
    me: control.lineOrMe('me'),
    isAllowed: readPopupRules(control),
  };
}

/** `<` something that never comes twice `@` this host `>` (RFC 1939 7). */
export function timestampOf(unique: string, host: ByteString, nowMs: number): ByteString {
  return `<${unique}.${Math.floor(nowMs / 1000)}@${host}>`;
}

/** Throws, with the file's name, when a control file cannot be used. */
export function openPopupService({ control, openChain, log }: PopupServiceOptions): PopupService {
  const certificate = openServerCertificate(control.directory, log);
  let settings = readSettings(control);
  const server = createPopupServer({
    secureContext: () => certificate.context,
    isAllowed: (ip) => settings.isAllowed(ip),
    plainAllowed: () => settings.plain,
    timestamp: () =>
      settings.apop ? timestampOf(randomBytes(8).toString('hex'), settings.me, Date.now()) : '',
    limits: readPopupLimits(control),
    openChain,
    log,
  });
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
      try {
        const next = readSettings(control);
        certificate.reload();
        settings = next;
        log('pop3: certificate and control files read again');
      } catch (error) {
        log(`alert: pop3: what was in force stays so: ${errorText(error)}`);
      }
    },
  };
}
