/**
 * The addresses of a line of an alias file, an :include: file or a .forward file, by the syntax of RFC 822 with the
 * leniency of fastforward's newaliases:
 *
 *     line     = *( address / include / "," / ";" / ":" / comment )
 *     address  = box [ "@" host ] / phrase "<" [ box [ "@" host ] ] ">"
 *     include  = ":" "include" ":" name
 *
 * It is read from right to left, so that a phrase is known before its words are seen; words that stand side by side
 * are two addresses. There are no groups: a colon that is not that of an include parts words as a comma does not: it
 * leaves open whether an address ends there.
 */
import { type Token, tokenise } from '../mail/index.ts';
import { type ByteString, printable } from '../system/index.ts';
import { AliasProblem } from './problem.ts';

export interface Item {
  readonly kind: 'address' | 'include';
  /** From left to right, without angle brackets. */
  readonly tokens: readonly Token[];
}

export interface ItemRules {
  /** Whether :include: has its meaning. */
  readonly includes: boolean;
}

const phraseKinds = new Set<Token['kind']>(['comment', 'atom', 'quoted', '@', '.']);

/** What stands in an error of a line that cannot be read. */
const shownBytesMax = 200;

export function parseProblem(line: ByteString): AliasProblem {
  return new AliasProblem('Z', `unable to parse this line: ${printable(line, shownBytesMax)}`);
}

/** Whether the colon at `index` is the second one of ":include:". */
function endsInclude(tokens: readonly Token[], index: number): boolean {
  const name = tokens[index - 1];
  return tokens[index - 2]?.kind === ':' && name?.kind === 'atom' && name.text === 'include';
}

/** The items of a line, the last one first. */
export function readItems(line: ByteString, { includes }: ItemRules): readonly Item[] {
  const tokens = tokenise(line);
  if (tokens === undefined) throw parseProblem(line);
  const items: Item[] = [];
  let address: Token[] = [];
  let wordAllowed = true;

  function take(kind: Item['kind']): void {
    items.push({ kind, tokens: address.reverse() });
    address = [];
  }
  function endAddress(): void {
    if (address.length > 0) take('address');
  }

  for (let index = tokens.length - 1; index >= 0; index -= 1) {
    const token = tokens[index];
    if (token === undefined) break;
    switch (token.kind) {
      case ';':
      case 'comment':
        break;
      case ':':
        if (includes && endsInclude(tokens, index)) {
          take('include');
          index -= 2;
        }
        break;
      case '>': {
        endAddress();
        for (index -= 1; index >= 0; index -= 1) {
          const inside = tokens[index];
          if (inside === undefined || inside.kind === '<') break;
          address.push(inside);
        }
        if (index < 0) throw parseProblem(line);
        take('address');
        for (
          let before = tokens[index - 1];
          before && phraseKinds.has(before.kind);
          before = tokens[index - 1]
        ) {
          index -= 1;
        }
        wordAllowed = false;
        break;
      }
      case 'atom':
      case 'quoted':
      case 'literal':
        if (!wordAllowed) endAddress();
        wordAllowed = false;
        address.push(token);
        break;
      case ',':
        endAddress();
        wordAllowed = true;
        break;
      default:
        wordAllowed = true;
        address.push(token);
    }
  }
  endAddress();
  return items;
}
