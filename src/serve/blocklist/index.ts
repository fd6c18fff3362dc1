/** Lists in DNS of clients from whom no mail is taken. */

export {
  type BlockListsOptions,
  createBlockLists,
  type ListSource,
  type ListVerdict,
  parseListSource,
} from './block-lists.ts';
export { createBlockedSession } from './blocked-session.ts';
export { createListResolver, type ListResolver } from './list-resolver.ts';
export { type Block, listsMax, readBlockLists } from './listener-lists.ts';
