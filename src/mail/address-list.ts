/**
 * Address lists (RFC 822 6.1 and 6.2), read from right to left as token822.c of qmail does, because that way a
 * phrase is known before its words are seen:
 *
 *     list     = *( address / group / "," )
 *     group    = phrase ":" list ";"
 *     address  = box [ "@" host ] / phrase "<" [ route ":" ] [ box [ "@" host ] ] ">"
 *
 * Words that stand side by side without a comma are two addresses; the missing comma is put in.
 */
import { special, type Token } from './token.ts';

/** An address, outside and in: its tokens from left to right, without the angle brackets. */
export type RewriteAddress = (address: readonly Token[]) => readonly Token[];

const comma = special(',');

const phraseKinds = new Set<Token['kind']>(['comment', 'atom', 'quoted', '@', '.']);

/**
 * Rewrites every address in the tokens of a list, the last one first. Undefined when it is no list; addresses to the
 * right of the error have been rewritten by then.
 */
export function rewriteList(list: readonly Token[], rewrite: RewriteAddress): readonly Token[] | undefined {
  /** What goes out, and the address that is being read: both from right to left. */
  const out: Token[] = [];
  let address: Token[] = [];
  let inGroup = false;
  let wordAllowed = true;
  let index = list.length - 1;

  function takeAddress(): void {
    const rewritten = rewrite(address.reverse());
    for (let at = rewritten.length - 1; at >= 0; at -= 1) out.push(rewritten[at] ?? comma);
    address = [];
  }

  function endAddress({ withComma }: { withComma: boolean }): void {
    if (address.length === 0) return;
    takeAddress();
    if (withComma) out.push(comma);
  }

  /** Moves tokens while `wanted` says so. Returns whether one is left. */
  function move(to: Token[], wanted: (token: Token) => boolean): boolean {
    for (;;) {
      const token = list[index];
      if (token === undefined) return false;
      if (!wanted(token)) return true;
      to.push(token);
      index -= 1;
    }
  }

  for (;;) {
    const token = list[index];
    if (token === undefined) break;
    index -= 1;
    switch (token.kind) {
      case ';':
        endAddress({ withComma: true });
        if (inGroup) return undefined;
        inGroup = true;
        wordAllowed = true;
        out.push(token);
        break;
      case ':':
        endAddress({ withComma: false });
        if (!inGroup) return undefined;
        inGroup = false;
        wordAllowed = true;
        out.push(token);
        if (move(out, ({ kind }) => kind !== ',')) {
          out.push(comma);
          index -= 1;
        }
        break;
      case '>': {
        endAddress({ withComma: true });
        out.push(token);
        const opened = move(address, ({ kind }) => kind !== '<');
        takeAddress();
        if (!opened) return undefined;
        out.push(special('<'));
        index -= 1;
        move(out, ({ kind }) => phraseKinds.has(kind));
        wordAllowed = false;
        break;
      }
      case 'atom':
      case 'quoted':
      case 'literal':
        if (!wordAllowed) endAddress({ withComma: true });
        wordAllowed = false;
        address.push(token);
        break;
      case 'comment':
        out.push(token);
        break;
      case ',':
        endAddress({ withComma: false });
        wordAllowed = true;
        out.push(token);
        break;
      default:
        wordAllowed = true;
        address.push(token);
    }
  }
  endAddress({ withComma: false });
  return out.reverse();
}
