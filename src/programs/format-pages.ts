/** Manual pages of files that users and operators write: section 5. */
import type { Manual } from '../manual/index.ts';
import { dotQmail } from './dot-qmail.ts';

export const formatPages: readonly Manual[] = [dotQmail];
