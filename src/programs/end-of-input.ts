/** A process of the hub ends in order when whoever started it is gone: descriptor 0 is a pipe from there. */
export function endOfInput(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin
      .once('end', resolve)
      .once('error', () => resolve())
      .resume();
  });
}
