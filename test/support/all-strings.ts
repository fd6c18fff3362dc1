/** Every string over a small alphabet, for tests of parsers. */

/** Up to this length, the shortest first. */
export function* allStrings(alphabet: string, lengthMax: number): Generator<string> {
  yield '';
  let layer: readonly string[] = [''];
  for (let length = 1; length <= lengthMax; length += 1) {
    layer = layer.flatMap((start) => [...alphabet].map((letter) => start + letter));
    yield* layer;
  }
}
