/**
 * Who logs in, with AUTH PLAIN (RFC 4616) or LOGIN, as a dialogue of lines in base64 (RFC 4954 4):
 *
 *     plain-response = [ authzid ] NUL authcid NUL passwd
 *     login          = user name, then password, each in a line of its own
 *
 * Somebody who would act for another is not known here: authzid is empty, or the user.
 */
import { type ByteString, lowerAscii } from '../../system/index.ts';

export interface Credentials {
  readonly user: ByteString;
  readonly password: ByteString;
}

export type SaslStep =
  /** What to ask the client, in base64. */
  | { readonly kind: 'challenge'; readonly text: ByteString }
  | { readonly kind: 'credentials'; readonly credentials: Credentials }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'malformed' };

export interface SaslDialogue {
  /** Takes a line of the client's. */
  next(response: ByteString): SaslStep;
}

export const saslMechanisms = ['PLAIN', 'LOGIN'] as const;

const malformed: SaslStep = { kind: 'malformed' };

const alphabet = new Set('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');

/** Undefined for what is no base64. */
function decode(text: ByteString): ByteString | undefined {
  const padding = text.endsWith('==') ? 2 : Number(text.endsWith('='));
  if (text.length % 4 !== 0) return undefined;
  for (const character of text.slice(0, text.length - padding))
    if (!alphabet.has(character)) return undefined;
  return Buffer.from(text, 'base64').toString('latin1');
}

function encode(text: ByteString): ByteString {
  return Buffer.from(text, 'latin1').toString('base64');
}

function credentialsOf(user: ByteString, password: ByteString): SaslStep {
  const isName = user !== '' && !user.includes('\0') && !password.includes('\0');
  return isName ? { kind: 'credentials', credentials: { user, password } } : malformed;
}

function plain(response: ByteString): SaslStep {
  const [authorized, user, password, ...more] = response.split('\0');
  if (user === undefined || password === undefined || more.length > 0) return malformed;
  return authorized === '' || authorized === user ? credentialsOf(user, password) : malformed;
}

/** What is asked for, in the words that clients expect. */
const loginPrompts = { user: encode('Username:'), password: encode('Password:') };

function createLogin(): (response: ByteString) => SaslStep {
  let user: ByteString | undefined;
  return (response) => {
    if (user !== undefined) return credentialsOf(user, response);
    user = response;
    return { kind: 'challenge', text: loginPrompts.password };
  };
}

export interface SaslStart {
  readonly dialogue: SaslDialogue;
  readonly step: SaslStep;
}

/** `argument`: what follows AUTH, the mechanism and perhaps the first response. Undefined when it is another mechanism. */
export function startSasl(argument: ByteString): SaslStart | undefined {
  const [name = '', initial, ...more] = argument.split(' ').filter((word) => word !== '');
  const mechanism = lowerAscii(name);
  if (mechanism !== 'plain' && mechanism !== 'login') return undefined;
  const take = mechanism === 'plain' ? plain : createLogin();
  const dialogue: SaslDialogue = {
    next(response) {
      if (response === '*') return { kind: 'cancelled' };
      const decoded = decode(response);
      return decoded === undefined ? malformed : take(decoded);
    },
  };
  if (more.length > 0) return { dialogue, step: malformed };
  if (initial !== undefined) return { dialogue, step: dialogue.next(initial === '=' ? '' : initial) };
  return {
    dialogue,
    step: { kind: 'challenge', text: mechanism === 'plain' ? '' : loginPrompts.user },
  };
}
