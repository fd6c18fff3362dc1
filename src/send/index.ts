/** What to try, when, and how many at once. */
export type { Log } from './log.ts';
export { type Route, type Routes, readRoutes, route } from './route.ts';
export { createSender, type Deliver, type Job, type Sender, type SenderOptions } from './sender.ts';
