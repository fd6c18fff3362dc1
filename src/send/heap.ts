/** A binary heap: the least element first, by a comparison that the caller gives. */

export interface Heap<Element> {
  readonly size: number;
  push(element: Element): void;
  /** Removes and answers the least element. */
  pop(): Element | undefined;
}

export function createHeap<Element>(before: (a: Element, b: Element) => boolean): Heap<Element> {
  const elements: Element[] = [];

  function at(index: number): Element {
    const element = elements[index];
    if (element === undefined) throw new RangeError(`no element ${index} in a heap of ${elements.length}`);
    return element;
  }

  function rise(start: number): void {
    const element = at(start);
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(element, at(parent))) break;
      elements[index] = at(parent);
      index = parent;
    }
    elements[index] = element;
  }

  function sink(element: Element): void {
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= elements.length) break;
      if (child + 1 < elements.length && before(at(child + 1), at(child))) child += 1;
      if (!before(at(child), element)) break;
      elements[index] = at(child);
      index = child;
    }
    elements[index] = element;
  }

  return {
    get size() {
      return elements.length;
    },
    push(element) {
      elements.push(element);
      rise(elements.length - 1);
    },
    pop() {
      const least = elements[0];
      const last = elements.pop();
      if (elements.length > 0 && last !== undefined) sink(last);
      return least;
    },
  };
}
