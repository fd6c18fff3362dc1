/** How a process starts another program of the same executable, or of the same sources. */

export interface OwnCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/** `entry`: the file with which Node was started; a single executable needs none. */
export function ownCommand(
  program: string,
  args: readonly string[] = [],
  entry: string = process.argv[1] ?? '',
): OwnCommand {
  const { isSea } = process.getBuiltinModule('node:sea');
  return { file: process.execPath, args: isSea() ? [program, ...args] : [entry, program, ...args] };
}
