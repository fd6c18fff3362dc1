/** What a case of the bench finds out, as it is printed and written. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One subject's figures: what was measured, with its unit, and the value. */
export type Figures = Readonly<Record<string, number>>;

export interface BenchResult {
  readonly case: string;
  readonly ours: Figures;
  /** Those that are installed. */
  readonly peers: Readonly<Record<string, Figures>>;
  /** Ours divided by the peer's. */
  readonly ratios: Readonly<Record<string, Figures>>;
  /** What was run, as a user would type it. */
  readonly commands: readonly string[];
}

function ratio(ours: Figures, peer: Figures): Figures {
  const shared = Object.entries(ours).filter(([name]) => (peer[name] ?? 0) > 0);
  return Object.fromEntries(shared.map(([name, value]) => [name, value / (peer[name] ?? value)]));
}

/** A subject and what is known of it. */
export interface Measured {
  readonly name: string;
  readonly figures: Figures;
  readonly commands: Iterable<string>;
}

/** The result of a case: ours is the first, its peers follow. */
export function resultOf(name: string, measured: readonly Measured[]): BenchResult {
  const [ours, ...peers] = measured;
  if (ours === undefined) throw new Error(`${name}: nothing was measured`);
  const byPeer = (figures: (peer: Measured) => Figures) =>
    Object.fromEntries(peers.map((peer) => [peer.name, figures(peer)]));
  return {
    case: name,
    ours: ours.figures,
    peers: byPeer((peer) => peer.figures),
    ratios: byPeer((peer) => ratio(ours.figures, peer.figures)),
    commands: [...new Set(measured.flatMap(({ commands }) => [...commands]))],
  };
}

/** Writes CASE.json and returns its path. */
export function writeResult(result: BenchResult, directory: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${result.case}.json`);
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
  return path;
}

function rounded(value: number | undefined): string {
  if (value === undefined) return '-';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** The figures side by side, one line for each thing measured. */
export function tableOf(result: BenchResult): string {
  const peers = Object.keys(result.peers);
  const head = [result.case, 'ours', ...peers.flatMap((peer) => [peer, 'ratio'])];
  const lines = Object.entries(result.ours).map(([name, value]) => [
    name,
    rounded(value),
    ...peers.flatMap((peer) => [rounded(result.peers[peer]?.[name]), rounded(result.ratios[peer]?.[name])]),
  ]);
  const all = [head, ...lines];
  const widths = head.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  return all
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}
