/** All texts over a small alphabet: what a grammar is tried with from its smallest sentences on. */

/** The empty text, then all others up to this length. */
export function* everyText(letters: readonly string[], lengthMax: number): Generator<string, undefined> {
  let texts = [''];
  for (let length = 0; length <= lengthMax; length += 1) {
    yield* texts;
    if (length < lengthMax) texts = texts.flatMap((text) => letters.map((letter) => text + letter));
  }
}
