import type { Broken } from "./scene.ts";

export interface TrialOptions {
  readonly seed: number;
  /** How long it may go on making trouble; the coming to rest comes on top. */
  readonly minutes: number;
  /** How often, where a trial counts: kills, changes of address. Null: as often as time allows. */
  readonly times: number | null;
  readonly say: (line: string) => void;
}

export interface Outcome {
  readonly violations: readonly Broken[];
  /** What was done and measured, in one sentence. */
  readonly says: string;
}

/** A kind of trouble. */
export interface Trial {
  readonly name: string;
  readonly says: string;
  /** Why it can't be had here; null where it can. */
  missing(): Promise<string | null>;
  run(options: TrialOptions): Promise<Outcome>;
}

export const nothingMissing = () => Promise.resolve(null);

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Of ascending numbers; 0 of none. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function seconds(ms: number): string {
  return ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
