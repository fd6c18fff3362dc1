/** Directories that control files name: that of the collector, and that where messages are left. */
import { homeDirectory, openControl } from '../control/index.ts';
import type { ByteString, System } from '../system/index.ts';

/** A directory that a control file names, or undefined without the file. Throws when the file is empty or unreadable. */
export function directoryIn(system: System, name: 'collector' | 'drop'): ByteString | undefined {
  const control = openControl(system);
  const line = control.line(name);
  if (line === '') throw new Error(`${control.directory}/${name} names no directory`);
  return line === undefined || line.startsWith('/') ? line : `${homeDirectory(system)}/${line}`;
}
