/**
 * sendmail -bs: SMTP on descriptors 0 and 1, for mail readers that have no other way. It is the hub's qmail-smtpd that
 * speaks, to a client that is on this host and may therefore send to anywhere, unless whoever calls says where the client
 * is (tcp-environ(5)).
 */
import type { ByteString, System } from '../system/index.ts';
import type { Program, Wiring } from './program.ts';

const here: ReadonlyMap<string, ByteString> = new Map([
  ['PROTO', 'TCP'],
  ['RELAYCLIENT', ''],
  ['DATABYTES', '0'],
  ['TCPLOCALIP', '127.0.0.1'],
  ['TCPLOCALHOST', 'localhost'],
  ['TCPREMOTEIP', '127.0.0.1'],
  ['TCPREMOTEHOST', 'localhost'],
  ['TCPREMOTEINFO', 'sendmail-bs'],
]);

export async function speakSmtp(system: System, wiring: Wiring, server: Program): Promise<number> {
  const isElsewhere = system.env('PROTO') !== undefined;
  const env = (name: string) => (isElsewhere ? undefined : here.get(name)) ?? system.env(name);
  // The key of this host is not for everybody's eyes, and there is nobody in between.
  return await server.run({ ...system, args: ['--without-tls'], env }, wiring);
}
