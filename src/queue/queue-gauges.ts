/** What is in the queue, as gauges: asked of the store when a monitor reads them, which costs the same however much it is. */
import { beforeReading, gauge, gauges } from '../process/index.ts';
import type { QueueCounts } from './reader.ts';

const messages = gauge('mini_qmail_queue_messages', 'Messages in the queue.');
const recipients = gauges('mini_qmail_queue_recipients', 'Recipients in the queue, by what they wait for.', {
  state: ['fresh', 'waiting', 'held', 'failed'],
});
const incoming = gauge('mini_qmail_queue_incoming_messages', 'Large messages that are being received.');
const oldest = gauge(
  'mini_qmail_queue_oldest_seconds',
  'When the oldest message in the queue was accepted, in seconds since 1970; 0 when there is none.',
);

/** Keeps the gauges of a store that is open. Answers what ends that. */
export function showQueue(counts: () => QueueCounts): () => void {
  return beforeReading(() => {
    const { fresh, waiting, held, failed, ...rest } = counts();
    messages.set(rest.messages);
    recipients.with({ state: 'fresh' }).set(fresh);
    recipients.with({ state: 'waiting' }).set(waiting);
    recipients.with({ state: 'held' }).set(held);
    recipients.with({ state: 'failed' }).set(failed);
    incoming.set(rest.incoming);
    oldest.set((rest.oldestMs ?? 0) / 1000);
  });
}
