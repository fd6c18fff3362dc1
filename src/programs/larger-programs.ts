/**
 * The satellite's programs that its native executable does not have: they make keys, speak TLS or listen. In the other one
 * they are a script of their own, as the seldom ones are.
 */
export { qmailCollectd } from './qmail-collectd.ts';
export { qmailDoctor } from './qmail-doctor.ts';
export { qmailEnroll } from './qmail-enroll.ts';
