/** The last element, or undefined: what at(-1) says in engines that are younger than the smallest one here. */
export function last<Item>(list: ArrayLike<Item>): Item | undefined {
  return list[list.length - 1];
}
