/**
 * All texts over a small alphabet: what a grammar is tried with from its smallest sentences on. In the suite they are as long
 * as a second or two allows; `npm run torture -- small-alphabet` tries those of up to 7 letters.
 */

/** Set for the long form. */
export const longTexts = 'MINI_QMAIL_LONG_TEXTS';

const lengthMax = 7;

/** Texts of one length in the suite. */
const shortFormMax = 8000;

/** The empty text, then all others, the shortest first. */
export function* everyText(letters: Iterable<string>): Generator<string, undefined> {
  const alphabet = [...letters];
  const most = process.env[longTexts] === undefined ? shortFormMax : alphabet.length ** lengthMax;
  for (let texts = ['']; texts.length <= most; ) {
    yield* texts;
    texts = texts.flatMap((text) => alphabet.map((letter) => text + letter));
    if ((texts[0]?.length ?? 0) > lengthMax) return;
  }
}
