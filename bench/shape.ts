/** What systems are asked to do, and measured at. */
import type { Described, Measured } from "./results.ts";
import type { System } from "./system.ts";

export interface Shape extends Described {
  /** Whether the system can be asked; absent where any can. */
  readonly isFor?: (system: System) => boolean;
  /** Starts the system in the directory, which is new and empty, asks it, and stops it. `scale` is the share of the
   * work that is to be done: 1, or less to try the bench itself. `keptIn` is where what takes long to make may be kept for the
   * next time, if that is wanted. */
  readonly measure: (
    system: System,
    directory: string,
    scale: number,
    keptIn: string | null,
  ) => Promise<Measured>;
}
