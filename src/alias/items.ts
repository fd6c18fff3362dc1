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

/** The items of a line, the last one first. What is wrong further to the left is found after those to its right. */
export function* readItems(line: ByteString, { includes }: ItemRules): Generator<Item, undefined> {
  const tokens = tokenise(line);
  if (tokens === undefined) throw parseProblem(line);
  let address: Token[] = [];
  let wordAllowed = true;

  function take(kind: Item['kind']): Item {
    const taken = address.reverse();
    address = [];
    return { kind, tokens: taken };
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
          yield take('include');
          index -= 2;
        }
        break;
      case '>':
        if (address.length > 0) yield take('address');
        for (index -= 1; index >= 0; index -= 1) {
          const inside = tokens[index];
          if (inside === undefined || inside.kind === '<') break;
          address.push(inside);
        }
        yield take('address');
        if (index < 0) throw parseProblem(line);
        while (phraseKinds.has(tokens[index - 1]?.kind ?? '<')) index -= 1;
        wordAllowed = false;
        break;
      case 'atom':
      case 'quoted':
      case 'literal':
        if (!wordAllowed && address.length > 0) yield take('address');
        wordAllowed = false;
        address.push(token);
        break;
      case ',':
        if (address.length > 0) yield take('address');
        wordAllowed = true;
        break;
      default:
        wordAllowed = true;
        address.push(token);
    }
  }
  if (address.length > 0) yield take('address');
}
