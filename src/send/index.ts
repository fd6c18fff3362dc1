/** What to try, when, and how many at once; where recipients go; bounces. */
export {
  type BounceSettings,
  bounceMaxBytesDefault,
  createBouncer,
  readBounceSettings,
} from './bouncer.ts';
export type { Report, SendEvent } from './event.ts';
export type { Deliver, Job } from './job.ts';
export { classicLines, jsonLine } from './log.ts';
export { createRanks, type Ranks } from './ranks.ts';
export type { Channel } from './retry.ts';
export { type Route, route, withoutPrefix } from './route.ts';
export { type Routes, readRoutes } from './routes.ts';
export { createSender, type Sender } from './sender.ts';
export type { SenderOptions, SenderSettings } from './sender-options.ts';
export { bounceRecipient } from './verp.ts';
