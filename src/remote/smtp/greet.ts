/**
 * The first part of an SMTP conversation, until the server takes mail: its greeting, EHLO or HELO (RFC 5321 3.1, 3.2), TLS
 * (RFC 3207) and AUTH (RFC 4954) as they are demanded. What was heard before TLS counts for nothing after it.
 */
import type { ByteString } from '../../system/index.ts';
import type { Demands, Login } from '../transport.ts';
import { type Capabilities, noCapabilities, readCapabilities } from './capabilities.ts';
import { ask, type Conversation, hear } from './conversation.ts';
import { remoteSaid } from './texts.ts';

export interface GreetOptions {
  /** Whom we call ourselves. */
  readonly ownName: ByteString;
  /** How reports call the server. */
  readonly peer: ByteString;
  readonly demands: Demands;
}

export type Greeted =
  | { readonly ok: true; readonly capabilities: Capabilities }
  /** Why no mail can be sent over this connection. */
  | { readonly ok: false; readonly text: ByteString };

function base64(text: ByteString): string {
  return Buffer.from(text, 'latin1').toString('base64');
}

function refused(text: ByteString): Greeted {
  return { ok: false, text };
}

function* hello({ ownName, peer }: GreetOptions): Conversation<Greeted> {
  const extended = yield* ask(`EHLO ${ownName}`);
  if (extended.code === 250) return { ok: true, capabilities: readCapabilities(extended) };
  // One that has no time, or none for us, has none for HELO either.
  const plain = extended.code >= 500 ? yield* ask(`HELO ${ownName}`) : extended;
  if (plain.code === 250) return { ok: true, capabilities: noCapabilities };
  return refused(`Connected to ${peer} but my name was rejected.\n${remoteSaid(plain)}`);
}

function* logIn({ user, password }: Login, mechanisms: ReadonlySet<string>): Conversation<ByteString> {
  if (mechanisms.has('PLAIN')) {
    const reply = yield* ask(`AUTH PLAIN ${base64(`\0${user}\0${password}`)}`);
    return reply.code === 235 ? '' : remoteSaid(reply);
  }
  if (!mechanisms.has('LOGIN')) return 'It offers neither AUTH PLAIN nor AUTH LOGIN. (#4.7.0)\n';
  for (const said of ['AUTH LOGIN', base64(user)]) {
    const reply = yield* ask(said);
    if (reply.code !== 334) return remoteSaid(reply);
  }
  const reply = yield* ask(base64(password));
  return reply.code === 235 ? '' : remoteSaid(reply);
}

export function* greet(options: GreetOptions): Conversation<Greeted> {
  const { peer, demands } = options;
  const greeting = yield* hear();
  if (greeting.code !== 220) {
    return refused(`Connected to ${peer} but greeting failed.\n${remoteSaid(greeting)}`);
  }
  let greeted = yield* hello(options);
  if (!greeted.ok) return greeted;
  if (demands.tls !== 'no' && !demands.implicitTls) {
    const { startTls } = greeted.capabilities;
    const reply = startTls ? yield* ask('STARTTLS') : undefined;
    if (reply?.code === 220) {
      yield { step: 'secure' };
      greeted = yield* hello(options);
      if (!greeted.ok) return greeted;
    } else if (demands.tls !== 'may') {
      const why = reply === undefined ? 'It does not offer STARTTLS.\n' : remoteSaid(reply);
      return refused(`Connected to ${peer} but TLS, which is required, failed. (#4.7.0)\n${why}`);
    }
  }
  if (demands.login !== undefined) {
    const problem = yield* logIn(demands.login, greeted.capabilities.auth);
    if (problem !== '') {
      return refused(`Connected to ${peer} but could not log in. (#4.7.8)\n${problem}`);
    }
  }
  return greeted;
}
