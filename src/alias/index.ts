/** Sendmail's aliases, :include: lists and .forward files, as fastforward and dot-forward have them. */
export { type Completion, readCompletion } from './completion.ts';
export { followForwardFile, lookUpForwardFile } from './dot-forward.ts';
export { followForwarding, lookUpForwarding } from './fastforward.ts';
export type { ForwardFile } from './forward-file.ts';
export type { Forwarding } from './forwarding.ts';
export { aliasLimits } from './limits.ts';
export { makeFromAliases, makeFromTable } from './make-database.ts';
export { makeFromInclude, makeFromLines } from './make-list.ts';
export { AliasProblem } from './problem.ts';
export { showDatabase, showList } from './show.ts';
