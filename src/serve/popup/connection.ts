/**
 * A client of POP3 from its first byte to its last: the login, in TLS or before it, the chain of programs for who it says
 * that it is, and the session. Nothing of the login is kept, and no password is logged.
 */
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { type ByteString, errorText, printable } from '../../system/index.ts';
import { isRefusal, packLogin } from '../passwords/index.ts';
import { type AuthorizationStep, createAuthorization, createCommandLines, tooLong } from '../pop3/index.ts';
import { startServerTls } from '../server-tls.ts';
import type { ChainSession, OpenChain } from './chain.ts';
import type { PopupLimits } from './limits.ts';
import { nextBytes } from './next-bytes.ts';
import { relay } from './relay.ts';

export interface PopupConnectionOptions {
  /** TLS from the first byte on. */
  readonly implicitTls: boolean;
  /** The certificate that counts now. */
  secureContext(): SecureContext | undefined;
  /** Whether passwords may come without TLS. */
  readonly plainAllowed: boolean;
  /** For APOP; empty: there is none. */
  readonly timestamp: ByteString;
  readonly remoteIp: ByteString;
  readonly openChain: OpenChain;
  readonly limits: PopupLimits;
  /** Takes one line without its line end. */
  log(line: string): void;
}

/** `session`: somebody was let in. */
export type PopupEnding = 'session' | 'refused' | 'quit' | 'closed' | 'timeout' | 'errors' | 'tls';

const userShownMax = 100;

type Login = AuthorizationStep & { readonly kind: 'login' };

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function servePopup(outer: Duplex, options: PopupConnectionOptions): Promise<PopupEnding> {
  const { limits, remoteIp, log } = options;
  const deadlineMs = performance.now() + limits.authorizationMs;
  const lines = createCommandLines(limits.commandBytesMax);
  let stream = outer;
  let secure = false;
  const authorization = createAuthorization({
    timestamp: options.timestamp,
    tlsOffered: () => !secure && options.secureContext() !== undefined,
    passwordsAllowed: () => secure || options.plainAllowed,
  });

  const say = (text: string) => stream.write(text, 'latin1');

  function end(text: string, ending: PopupEnding): PopupEnding {
    stream.end(text, 'latin1');
    // It may still be sending; what comes is of no use.
    stream.resume();
    return ending;
  }

  /** Everything goes through TLS from here on. Answers whether it does. */
  async function startTls(): Promise<boolean> {
    const context = options.secureContext();
    try {
      if (context === undefined) throw new Error('there is no certificate');
      stream = await startServerTls(outer, context);
    } catch (error) {
      outer.destroy();
      log(`pop3: peer=${remoteIp} ${printable(errorText(error))}`);
      return false;
    }
    stream.on('error', () => stream.destroy());
    secure = true;
    return true;
  }

  function note(user: ByteString, result: string): void {
    log(
      `pop3: peer=${remoteIp} user=${printable(user, userShownMax)} tls=${secure ? 'yes' : 'no'} login=${result}`,
    );
  }

  async function fail(user: ByteString, end_: number | string): Promise<PopupEnding> {
    const refused = isRefusal(end_);
    note(
      user,
      refused ? 'refused' : `failed (${typeof end_ === 'number' ? `exit code ${end_}` : printable(end_)})`,
    );
    await pause(refused ? limits.failureMs : 0);
    return end(`-ERR ${refused ? '[AUTH] ' : '[SYS/TEMP] '}authorization failed\r\n`, 'refused');
  }

  async function login({ user, password }: Login): Promise<PopupEnding> {
    const bytes = packLogin({ user, password, timestamp: options.timestamp });
    // Nobody has such a name or password.
    if (bytes === undefined) return await fail(user, 1);
    let session: ChainSession;
    try {
      session = await options.openChain(bytes, remoteIp);
    } catch (error) {
      return await fail(user, errorText(error));
    } finally {
      bytes.fill(0);
    }
    session.input.on('error', () => undefined);
    session.output.on('error', () => undefined);
    const first = await nextBytes(session.output, limits.loginMs);
    if (first === undefined || first === 'late') {
      if (first === 'late') session.kill();
      const ended = first === 'late' ? 'it takes too long' : await session.ended;
      session.input.destroy();
      session.output.destroy();
      // A session that ends well without a word has served somebody as it wanted to.
      return ended === 0 ? end('', 'session') : await fail(user, ended);
    }
    note(user, 'ok');
    stream.write(first);
    await relay(stream, session, lines.rest(), limits.idleMs);
    return 'session';
  }

  /** Undefined: it goes on. */
  async function step(what: AuthorizationStep): Promise<PopupEnding | undefined> {
    switch (what.kind) {
      case 'reply':
      case 'error':
        say(what.text);
        return undefined;
      case 'quit':
        return end(what.text, 'quit');
      case 'login':
        return await login(what);
      case 'tls': {
        say(what.text);
        // What came before TLS and was not answered is nobody's (CVE-2011-0411).
        const injected = lines.rest().length > 0;
        if (injected) outer.destroy();
        if (injected || !(await startTls())) return 'tls';
        authorization.secured();
        return undefined;
      }
      default:
        return what satisfies never;
    }
  }

  async function converse(): Promise<PopupEnding> {
    let errors = 0;
    if (options.implicitTls && !(await startTls())) return 'tls';
    say(authorization.greeting());
    for (;;) {
      const line = lines.next();
      if (line === undefined) {
        const bytes = await nextBytes(stream, Math.max(deadlineMs - performance.now(), 0));
        if (bytes === 'late') return end('-ERR that took too long\r\n', 'timeout');
        if (bytes === undefined) return 'closed';
        lines.feed(bytes);
        continue;
      }
      const what = authorization.answer(line === tooLong ? '' : line);
      if (what.kind === 'error') errors += 1;
      if (errors >= limits.errorsMax) return end('-ERR too many of these\r\n', 'errors');
      const ending = await step(what);
      if (ending !== undefined) return ending;
    }
  }

  outer.on('error', () => outer.destroy());
  const ending = await converse();
  if (ending === 'closed') stream.destroy();
  return ending;
}
