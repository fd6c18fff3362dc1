/**
 * This host's certificate for protocols that speak TLS as the world knows it: private key and chain in one PEM file,
 * control/servercert.pem. It is read at the start and again when that is asked for. What is new is checked before it is
 * used; while it is bad or missing, the one before stays.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { ByteString } from '../system/index.ts';
import { errorCode, errorText } from '../system/index.ts';
import { nativeText } from '../system/node/index.ts';

export const serverCertificateFile = 'servercert.pem';

/** RFC 8996: what is older is no protection. */
const minVersion = 'TLSv1.2';

export interface ServerCertificate {
  /** For the next connection. Undefined while there never was such a file: then there is no TLS. */
  readonly context: SecureContext | undefined;
  /** Reads the file again. Throws, with the file's name, when what is there cannot be used or is there no more. */
  reload(): void;
}

/** `expired`: takes the reason why it is of no use to careful clients any more. */
function contextOf(pem: Buffer, expired: (reason: string) => void): SecureContext {
  // Each of the two would be missed only when a client comes.
  const certificate = new X509Certificate(pem);
  const context = createSecureContext({ key: pem, cert: pem, minVersion });
  if (Date.parse(certificate.validTo) < Date.now()) expired(`it expired on ${certificate.validTo}`);
  return context;
}

/**
 * `control`: the directory HOME/control. Throws, with the file's name, when what is there cannot be used. One that has
 * expired is used all the same when there was none before, and `warn` is told: a server that did not begin would help nobody,
 * and most that send mail do not look at certificates.
 */
export function openServerCertificate(control: ByteString, warn: (line: string) => void): ServerCertificate {
  const path = `${nativeText(control)}/${serverCertificateFile}`;
  let context: SecureContext | undefined;
  const read = (expired: (reason: string) => void) => {
    try {
      context = contextOf(readFileSync(path), expired);
    } catch (error) {
      if (errorCode(error) === 'ENOENT' && context === undefined) return;
      throw new Error(`${path} cannot be used: ${errorText(error)}`, { cause: error });
    }
  };
  read((reason) => warn(`warning: ${path}: ${reason}`));
  return {
    get context() {
      return context;
    },
    reload: () =>
      read((reason) => {
        throw new Error(reason);
      }),
  };
}
