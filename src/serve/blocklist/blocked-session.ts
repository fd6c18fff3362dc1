/**
 * Just enough of SMTP to tell a client that nothing is taken from it: it may greet and name a sender, and every recipient is
 * refused. No input and no output is here.
 */
import { type ByteString, lowerAscii, printable } from '../../system/index.ts';

export interface BlockedSession {
  greeting(): ByteString;
  answer(line: ByteString): ByteString;
  /** QUIT was said. */
  readonly ended: boolean;
}

const textShownMax = 400;

const accepted: readonly ByteString[] = ['helo', 'ehlo', 'mail', 'rset', 'noop'];

/** `permanent`: the client is not to come again. */
export function createBlockedSession(reason: ByteString, permanent: boolean): BlockedSession {
  const refusal = `${permanent ? '553 5.7.1' : '451 4.7.1'} ${printable(reason, textShownMax)}\r\n`;
  let ended = false;
  return {
    greeting: () => '220 rblsmtpd.local\r\n',
    answer(line) {
      const blank = line.indexOf(' ');
      const verb = lowerAscii(blank < 0 ? line : line.slice(0, blank));
      if (verb === 'quit') {
        ended = true;
        return '221 rblsmtpd.local\r\n';
      }
      return accepted.includes(verb) ? '250 rblsmtpd.local\r\n' : refusal;
    },
    get ended() {
      return ended;
    },
  };
}
