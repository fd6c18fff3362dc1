/**
 * How many messages a second a hub accepts durably over SMTP: with a connection for each, as strangers send them, and over
 * connections that are kept, as relays do. Deliveries are held.
 */
import { measureCell } from './accept.ts';
import type { BenchOptions } from './options.ts';
import { type BenchResult, resultOf } from './result.ts';
import { ourSmtpHub, postfixSmtp, smtpSink, startAll, stopAll } from './subjects.ts';

export async function smtpIn(options: BenchOptions): Promise<BenchResult> {
  const running = await startAll([ourSmtpHub({ concurrencylocal: '0\n' }), postfixSmtp, smtpSink]);
  try {
    for (const source of ['smtp-source', 'smtp-source, kept'] as const) {
      for (const sizeBytes of options.sizesBytes) {
        for (const connections of options.connections)
          await measureCell({ sizeBytes, connections, source }, running, options);
      }
    }
  } finally {
    await stopAll(running);
  }
  return resultOf('smtp-in', running);
}
