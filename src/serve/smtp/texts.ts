/** What an SMTP session says of itself. */
import type { SmtpReply } from './reply.ts';

function reply(code: number, enhanced: string, text: string): SmtpReply {
  return { code, enhanced, text };
}

export const texts = {
  ok: reply(250, '2.0.0', 'ok'),
  senderOk: reply(250, '2.1.0', 'ok'),
  recipientOk: reply(250, '2.1.5', 'ok'),
  flushed: reply(250, '2.0.0', 'flushed'),
  help: reply(214, '2.0.0', 'commands are those of RFC 5321; EHLO says which extensions there are'),
  verify: reply(252, '2.1.5', 'nobody is looked up here: send some mail and see'),
  tlsReady: reply(220, '2.0.0', 'begin with TLS'),
  authenticated: reply(235, '2.7.0', 'welcome'),
  unimplemented: reply(502, '5.5.1', 'unimplemented'),
  lineTooLong: reply(500, '5.5.2', 'that line is too long'),
  malformedLine: reply(500, '5.5.2', 'a line ends in CR LF, and has no CR, LF or NUL in it'),
  bareLineEnd: reply(451, '4.5.2', 'a line of a message ends in CR LF, and has no CR or LF in it'),
  syntaxArgument: reply(501, '5.5.4', 'that is not understood'),
  syntaxAddress: reply(555, '5.5.4', 'syntax error'),
  parameter: reply(555, '5.5.4', 'that parameter is not known here'),
  mailFirst: reply(503, '5.5.1', 'MAIL first'),
  recipientFirst: reply(503, '5.5.1', 'RCPT first'),
  tooManyRecipients: reply(452, '4.5.3', 'too many recipients: send the others afterwards'),
  tooLarge: reply(552, '5.3.4', 'sorry, that message size exceeds my databytes limit'),
  looping: reply(554, '5.4.6', 'too many hops, this message is looping'),
  badSender: reply(553, '5.7.1', 'sorry, your envelope sender is in my badmailfrom list'),
  notHere: reply(553, '5.7.1', "sorry, that domain isn't in my list of allowed rcpthosts"),
  tooManyErrors: reply(421, '4.7.0', 'too many errors'),
  encryptionFirst: reply(538, '5.7.11', 'no password without TLS'),
  authNotNow: reply(503, '5.5.1', 'no AUTH now'),
  authMechanism: reply(504, '5.5.4', 'there are PLAIN and LOGIN'),
  authCancelled: reply(501, '5.7.0', 'as you wish'),
  authMalformed: reply(501, '5.5.2', 'that response is not understood'),
  authFailed: reply(535, '5.7.8', 'user name and password do not fit'),
  authUnavailable: reply(454, '4.7.0', 'unable to look at the password now'),
  tooManyAuthFailures: reply(421, '4.7.0', 'too many wrong passwords'),
  timeout: reply(421, '4.4.2', 'nothing received for too long'),
  sessionTimeout: reply(421, '4.4.2', 'the session takes too long'),
  noSuchRecipient: reply(550, '5.1.1', 'sorry, no mailbox here by that name'),
  tooFast: reply(450, '4.7.1', 'too many messages from your address in a minute'),
  notAllowed: reply(421, '4.7.1', 'your address is not allowed to send here'),
  tooManyPerMinute: reply(421, '4.7.1', 'too many connections from your address in a minute'),
  shutdown: reply(421, '4.3.2', 'this server is shutting down'),
  tooManyConnections: reply(421, '4.3.2', 'too many connections'),
} as const satisfies Readonly<Record<string, SmtpReply>>;
