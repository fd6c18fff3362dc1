/**
 * One SMTP connection: bytes from its stream to a session and replies back, TLS when that is agreed on, and the times that
 * it may take, which a clock checks for all connections at once.
 */
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { errorText, printable } from '../../system/index.ts';
import { releaseBuffer } from '../../system/node/index.ts';
import { startServerTls } from '../server-tls.ts';
import type { SmtpServerLimits } from './limits.ts';
import type { SmtpReply } from './reply.ts';
import { createSmtpSession } from './session.ts';
import type { SmtpEnding, SmtpSessionOptions } from './session-contract.ts';
import { texts } from './texts.ts';

type FromSession = Pick<
  SmtpSessionOptions,
  'name' | 'authenticate' | 'sender' | 'recipient' | 'begin' | 'onRefusal'
>;

export interface SmtpConnectionOptions extends FromSession {
  readonly limits: SmtpServerLimits;
  /** TLS from the first byte on; without a certificate there is none to be had. */
  readonly implicitTls: boolean;
  /** The certificate that counts now. */
  secureContext(): SecureContext | undefined;
  /** Milliseconds of a clock that only goes forward. */
  monotonic(): number;
  /** Takes what is wrong with a handshake. */
  onTlsFailure(text: string): void;
  /** Called once, when the connection is gone. */
  onClose(ending: SmtpEnding): void;
}

export interface SmtpConnection {
  /** Ends the session with a reply; if it waits for the queue, after that. */
  refuse(reply: SmtpReply): void;
  /** The same, but a message that is on its way is finished before. */
  retire(reply: SmtpReply): void;
  /** Looks at the clock. `idleMsMax`: how long the client may be silent. */
  tick(nowMs: number, idleMsMax?: number): void;
}

export function startSmtpConnection(outer: Duplex, options: SmtpConnectionOptions): SmtpConnection {
  const { limits, monotonic } = options;
  const startMs = monotonic();
  let stream = outer;
  /** When something last happened that the peer did. */
  let lastMs = startMs;
  /** When the command began that is not whole yet. */
  let commandSinceMs: number | undefined;
  /** The queue or somebody else who is asked is behind: the peer is not to blame for the silence. */
  let waiting = false;
  /** The peer does not read. */
  let congested = false;
  let handshaking = false;
  /** The last reply is out, and the peer has a moment to take it. */
  let closing = false;
  let droppedBytes = 0;
  let ending: SmtpEnding = 'closed';
  let closed = false;
  /** What the session is to end with, and whether that may wait for a message. */
  let last: { readonly reply: SmtpReply; readonly patient: boolean } | undefined;

  const session = createSmtpSession({
    ...options,
    secure: options.implicitTls,
    canSecure: () => options.secureContext() !== undefined,
    send(text) {
      if (stream.write(text, 'latin1')) return undefined;
      congested = true;
      const current = stream;
      return new Promise((resolve) => {
        const free = () => {
          current.off('drain', free);
          current.off('close', free);
          congested = false;
          lastMs = monotonic();
          resolve();
        };
        current.on('drain', free);
        current.on('close', free);
      });
    },
    startTls() {
      detach();
      secure();
    },
    onEnd(how) {
      ending = how;
      closing = true;
      lastMs = monotonic();
      if (how === 'quit') {
        // Everything was read. Closing within the callback itself would make Node build an error for writes that do not
        // exist.
        stream.end(() => queueMicrotask(() => stream.destroy()));
        return;
      }
      // The peer may still be sending. Closing now would reset the connection and the reply might be lost with it, so only
      // our half is closed, and what arrives is dropped until the peer has understood.
      stream.end();
      stream.resume();
    },
  });

  function endIfTold(): void {
    if (last !== undefined && !waiting && !handshaking && !(last.patient && session.inMessage))
      session.refuse(last.reply);
  }

  function gone(): void {
    if (closed) return;
    closed = true;
    session.lose();
    options.onClose(ending);
  }

  function drop(bytes: Uint8Array): void {
    droppedBytes += bytes.length;
    releaseBuffer(bytes);
    if (droppedBytes > limits.lingerBytesMax) stream.destroy();
  }

  function onData(bytes: Uint8Array): void {
    if (session.over) {
      drop(bytes);
      return;
    }
    lastMs = monotonic();
    const wait = session.feed(bytes);
    commandSinceMs = session.inCommand ? (commandSinceMs ?? lastMs) : undefined;
    if (wait === undefined) {
      releaseBuffer(bytes);
      endIfTold();
      return;
    }
    waiting = true;
    const current = stream;
    current.pause();
    wait.then(() => {
      waiting = false;
      releaseBuffer(bytes);
      lastMs = monotonic();
      commandSinceMs = session.inCommand ? lastMs : undefined;
      endIfTold();
      if (!handshaking) current.resume();
    });
  }

  function onFinish(): void {
    session.end();
  }

  function onError(): void {
    // 'close' follows; what the peer's machine says about it helps nobody.
    stream.destroy();
  }

  function attach(): void {
    stream.on('data', onData);
    stream.on('end', onFinish);
    stream.on('error', onError);
    stream.on('close', gone);
  }

  function detach(): void {
    stream.off('data', onData);
    stream.off('end', onFinish);
    stream.off('close', gone);
    stream.pause();
  }

  /** Everything goes through TLS from here on. */
  function secure(): void {
    handshaking = true;
    const context = options.secureContext();
    const begun = context === undefined ? undefined : startServerTls(outer, context);
    if (begun === undefined) {
      outer.destroy();
      // Not before the caller has what it is told about.
      queueMicrotask(gone);
      return;
    }
    begun.then(
      (inner) => {
        handshaking = false;
        stream = inner;
        lastMs = monotonic();
        attach();
        if (options.implicitTls) session.greet();
        else session.secured();
        endIfTold();
      },
      (error: unknown) => {
        options.onTlsFailure(printable(errorText(error)));
        gone();
      },
    );
  }

  outer.on('error', onError);
  if (options.implicitTls) {
    secure();
  } else {
    attach();
    session.greet();
  }

  return {
    refuse(reply) {
      last = { reply, patient: false };
      endIfTold();
    },
    retire(reply) {
      last ??= { reply, patient: true };
      endIfTold();
    },
    tick(nowMs, idleMsMax = limits.idleMs) {
      const silentMs = nowMs - lastMs;
      if (closing) {
        if (silentMs >= limits.lingerMs) stream.destroy();
      } else if (congested) {
        if (silentMs >= idleMsMax) stream.destroy();
      } else if (!waiting && !handshaking) {
        if (nowMs - startMs >= limits.totalMs) session.refuse(texts.sessionTimeout);
        else if (silentMs >= idleMsMax) session.refuse(texts.timeout);
        else if (commandSinceMs !== undefined && nowMs - commandSinceMs >= limits.commandMs)
          session.refuse(texts.timeout);
      }
    },
  };
}
