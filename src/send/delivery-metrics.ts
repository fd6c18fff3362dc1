/** What a monitor is told of deliveries. */
import { counters, gauges, histogram } from '../process/index.ts';
import { verdicts } from '../system/index.ts';
import { channels } from './retry.ts';

export const deliveriesDone = counters(
  'mini_qmail_deliveries_total',
  'Attempts that have ended: K delivered, Z to be tried again, D failed for ever.',
  { channel: channels, verdict: verdicts },
);
export const deliverySeconds = histogram(
  'mini_qmail_delivery_seconds',
  'How long an attempt took.',
  [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 20, 60, 300],
);
const each = { channel: channels };
export const deliveriesRunning = gauges(
  'mini_qmail_deliveries_running',
  'Deliveries that are being attempted.',
  each,
);
export const concurrencyLimit = gauges(
  'mini_qmail_concurrency_limit',
  'Deliveries that may run at once.',
  each,
);
