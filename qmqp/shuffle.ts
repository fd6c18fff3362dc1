/** A list in random order, so that many satellites spread over several hubs. */

const numberBytes = 4;

/** `random` gives that many random bytes. */
export function shuffle<Item>(
  list: readonly Item[],
  random: (sizeBytes: number) => Uint8Array,
): readonly Item[] {
  const left = [...list];
  const bytes = random(left.length * numberBytes);
  const result: Item[] = [];
  for (let offset = 0; left.length > 0; offset += numberBytes) {
    let number = 0;
    for (const byte of bytes.subarray(offset, offset + numberBytes)) number = number * 256 + byte;
    result.push(...left.splice(number % left.length, 1));
  }
  return result;
}
