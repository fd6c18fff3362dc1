/** Delivery into a user's home: Maildir, mbox, the default delivery. */
export { deliverLocally, instructionsFor, type LocalJob, type LocalUser } from './deliver.ts';
export { type Home, openHome } from './home.ts';
export type { Instruction, Instructions } from './instruction.ts';
export { success } from './report.ts';
