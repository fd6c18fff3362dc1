/** The queue: the way in, the store, and what is due. */
export type { IncomingMessage, Intake, Origin } from './intake.ts';
