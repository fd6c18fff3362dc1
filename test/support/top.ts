/** The top of the tree, without a slash at its end. */
import { fileURLToPath } from 'node:url';

export const top: string = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
