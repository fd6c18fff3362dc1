/** Lists in DNS for a server that listens itself: control/blocklists, control/allowlists and what else belongs to them. */
import type { Control } from '../../control/index.ts';
import type { ByteString } from '../../system/index.ts';
import { createBlockLists, parseListSource } from './block-lists.ts';
import { createListResolver, type ListResolver } from './list-resolver.ts';

/** How a client that is blocked is refused: for now or for ever, and why. */
export interface Block {
  readonly permanent: boolean;
  readonly text: ByteString;
}

/** Lists that one client is looked up in. */
export const listsMax = 20;

/** Undefined: no list is named, or it is on none. Throws, with the file's name, when there are too many. */
export function readBlockLists(
  control: Control,
  log: (line: string) => void,
  resolver: ListResolver = createListResolver(),
): ((ip: ByteString) => Promise<Block | undefined>) | undefined {
  const allow = control.list('allowlists') ?? [];
  const block = control.list('blocklists') ?? [];
  if (block.length === 0) return undefined;
  if (allow.length + block.length > listsMax)
    throw new Error(
      `${control.directory}/blocklists: more than ${listsMax} lists in DNS would be asked for each client`,
    );
  const permanent = control.number('blocklistspermanent', 0) > 0;
  const look = createBlockLists({
    // Who is on one that allows is asked for nowhere else.
    sources: [
      ...allow.map((line) => parseListSource(line, 'allow')),
      ...block.map((line) => parseListSource(line, 'block')),
    ],
    resolver,
    failClosed: control.number('blocklistsfailclosed', 0) > 0,
    log,
  });
  return async (ip) => {
    const verdict = await look(ip);
    if (verdict.kind === 'free') return undefined;
    return { permanent: permanent && verdict.certain, text: verdict.text };
  };
}
