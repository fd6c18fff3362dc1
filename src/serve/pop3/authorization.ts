/**
 * The AUTHORIZATION state of POP3 (RFC 1939 4; STLS: RFC 2595 4), where a client says who it is. What it says goes on to
 * whoever checks it.
 */
import type { ByteString } from '../../system/index.ts';
import { parseCommand } from './command.ts';

export interface AuthorizationOptions {
  /** What the greeting has for APOP; empty where nobody could check its answer. */
  readonly timestamp: ByteString;
  /** Whether STLS is to be had: there is a certificate, and no TLS so far. */
  tlsOffered(): boolean;
  /** Whether a password may come as this connection is now. */
  passwordsAllowed(): boolean;
}

export type AuthorizationStep =
  | { readonly kind: 'reply' | 'error' | 'quit' | 'tls'; readonly text: string }
  /** `password`: what PASS said, or the digest of APOP. */
  | { readonly kind: 'login'; readonly user: ByteString; readonly password: ByteString };

export interface Authorization {
  greeting(): string;
  answer(line: ByteString): AuthorizationStep;
  /** What was said before TLS counts no more (RFC 2595 4). */
  secured(): void;
}

const ok: AuthorizationStep = { kind: 'reply', text: '+OK \r\n' };

function error(text: string): AuthorizationStep {
  return { kind: 'error', text: `-ERR ${text}\r\n` };
}

const inTheClear = error('[AUTH] not without TLS: say STLS first');

export function createAuthorization(options: AuthorizationOptions): Authorization {
  const { timestamp, tlsOffered, passwordsAllowed } = options;
  let user: ByteString | undefined;

  function capabilities(): AuthorizationStep {
    const found = [
      'TOP',
      'UIDL',
      'RESP-CODES',
      'AUTH-RESP-CODE',
      ...(passwordsAllowed() ? ['USER'] : []),
      ...(tlsOffered() ? ['STLS'] : []),
    ];
    return { kind: 'reply', text: `+OK \r\n${found.map((one) => `${one}\r\n`).join('')}.\r\n` };
  }

  function apop(argument: ByteString): AuthorizationStep {
    if (timestamp === '') return error('APOP is not to be had here');
    const blank = argument.indexOf(' ');
    if (blank < 1 || blank === argument.length - 1) return error('syntax error');
    return { kind: 'login', user: argument.slice(0, blank), password: argument.slice(blank + 1) };
  }

  function pass(password: ByteString): AuthorizationStep {
    if (user === undefined) return error('USER first');
    if (!passwordsAllowed()) return inTheClear;
    return password === '' ? error('syntax error') : { kind: 'login', user, password };
  }

  return {
    greeting: () => `+OK ${timestamp}\r\n`,
    secured() {
      user = undefined;
    },
    answer(line) {
      const { keyword, argument } = parseCommand(line);
      switch (keyword) {
        case 'user':
          if (!passwordsAllowed()) return inTheClear;
          if (argument === '') return error('syntax error');
          user = argument;
          return ok;
        case 'pass':
          return pass(argument);
        case 'apop':
          return apop(argument);
        case 'stls':
          return tlsOffered() ? { kind: 'tls', text: '+OK \r\n' } : error('TLS is not to be had here');
        case 'capa':
          return capabilities();
        case 'noop':
          return ok;
        case 'quit':
          return { kind: 'quit', text: '+OK \r\n' };
        default:
          return error('authorization first');
      }
    },
  };
}
